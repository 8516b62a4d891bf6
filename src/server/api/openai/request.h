#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"
#include "server/api/foreign.h"
#include "server/app/app.h"

namespace easel::server {

/// What POST /v1/images/generations asks for.
struct ImagesRequest {
  DrawJob draw;
  Image::Size size;          ///< of the pictures that are sent
  PictureForm form;          ///< output_format, output_compression
  bool as_url = false;       ///< else b64_json
  bool says_prompt = false;  ///< dall-e-3 answers with revised_prompt
  std::string quality;       ///< "low", "medium" or "high", as the answer says it
  bool stream = false;
  int partial_images = 0;          ///< of a stream
  std::vector<std::string> notes;  ///< what was taken and cannot be done here
};

/// Names of that service's own models: whoever asks for one means the model that there is.
bool is_openai_model(std::string_view name);

/// The names of that API, read into ours. Throws FaultsError.
ImagesRequest read_images_request(App& app, const HttpRequest& request);

}  // namespace easel::server
