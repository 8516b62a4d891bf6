#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"
#include "server/api/foreign.h"
#include "server/app/app.h"

namespace easel::server {

/// What a request for pictures asks for: from words, or beginning at a picture.
struct ImagesRequest {
  DrawJob draw;
  Image::Size size;          ///< of the pictures that are sent
  PictureForm form;          ///< output_format, output_compression
  bool as_url = false;       ///< else b64_json
  bool says_prompt = false;  ///< dall-e-3 answers with revised_prompt
  std::string quality;       ///< "low", "medium" or "high", as the answer says it
  bool stream = false;
  int partial_images = 0;                   ///< of a stream
  std::string events = "image_generation";  ///< what its events' names begin with
  std::vector<std::string> notes;           ///< what was taken and cannot be done here
};

/// Names of that service's own models: whoever asks for one means the model that there is.
bool is_openai_model(std::string_view name);

/// What is kept of the pictures that came with a request, by its SHA-256. Empty: there is none.
struct KeptPictures {
  std::string init = {};
  std::string mask = {};
  bool masked_by_itself = false;  ///< no mask, and the picture is transparent somewhere
};

/// How a request's settings came.
struct SettingsForm {
  bool from_text = false;  ///< the parts of a form: numbers are texts
  bool needs_prompt = true;
  double strength = 1;  ///< of a picture to begin at, where the request says none
  KeptPictures sent = {};
};

/// The names of that API, read into ours. Throws FaultsError.
ImagesRequest read_images_request(App& app, const Json& body, const SettingsForm& form = {});

}  // namespace easel::server
