#pragma once

#include <string>
#include <vector>

#include "server/app/app.h"

namespace easel::server {

/// What POST /sdapi/v1/txt2img asks for.
struct Txt2imgRequest {
  Json body;
  DrawJob draw;
  std::vector<DrawJob> each = {};  ///< where pictures begin at several: one of each; else `draw`
  int batch = 1;
  bool send = true;
  std::vector<std::string> notes;  ///< what was taken and is not done here, a line each
};

/// The names of this API, read into ours; faults keep its names. Throws FaultsError.
Txt2imgRequest read_txt2img(App& app, const HttpRequest& request);

/// Draws what was asked for and answers with the pictures as that API does.
void draw_and_answer(App& app, const RequestPtr& request, const Txt2imgRequest& asked,
                     const Respond& respond);

/// The model that a title, a name or a file's name of that program's lists means: "default",
/// "default.safetensors [6ce0161689]". Null: none that draws.
const Models::Model* model_titled(const Models& models, const std::string& title);

}  // namespace easel::server
