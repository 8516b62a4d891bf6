#pragma once

#include "server/app/app.h"

namespace easel::server {

/// What POST /sdapi/v1/txt2img asks for.
struct Txt2imgRequest {
  Json body;
  DrawJob draw;
  int batch = 1;
  bool send = true;
};

/// The names of this API, read into ours; faults keep its names. Throws FaultsError.
Txt2imgRequest read_txt2img(App& app, const HttpRequest& request);

}  // namespace easel::server
