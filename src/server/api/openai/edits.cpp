#include "server/api/openai/edits.h"

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/utf8.h"
#include "http/form.h"
#include "http/problem.h"
#include "image/codec.h"
#include "image/mask.h"
#include "recipe/values.h"
#include "server/api/openai/answer.h"
#include "server/api/openai/request.h"

namespace easel::server {
namespace {

constexpr std::size_t kFormBytes = (2 * 32 + 1) << 20;  // two pictures and their settings
constexpr double kEditStrength = 0.75;
constexpr double kVariationStrength = 0.6;
constexpr double kMaskedStrength = 1;  // that service keeps nothing of what is masked

// A form's parts by what they are for. Views of the request's body.
struct ImageForm {
  std::vector<std::string_view> images;
  std::string_view mask;
  Json settings = Json::object();
};

std::span<const std::uint8_t> form_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void add_setting(const FormPart& part, Json& settings) {
  const std::string& name = part.name;
  if (!is_utf8(name) || !is_utf8(part.data)) refuse(400, "a text of the form is not UTF-8");
  if (part.is_file) {
    refuse_field({.field = name, .allowed = "text", .detail = name + " is a file, wanted is text"});
  }
  if (settings.contains(name)) {
    refuse_field({.field = name, .allowed = "once", .detail = name + " is there twice"});
  }
  settings[name] = std::string(part.data);
}

// Throws FaultsError unless there is a picture.
ImageForm read_image_form(const HttpRequest& request) {
  ImageForm form;
  for (const FormPart& part : read_form(*request.header("content-type"), request.body)) {
    if (part.name == "image" || part.name == "image[]") {
      form.images.push_back(part.data);
    } else if (part.name != "mask") {
      add_setting(part, form.settings);
    } else if (form.mask.empty()) {
      form.mask = part.data;
    } else {
      refuse_field({.field = "mask", .allowed = "one picture", .detail = "mask is there twice"});
    }
  }
  if (form.images.empty() || form.images.front().empty()) {
    refuse_field({.field = "image",
                  .allowed = "a PNG, JPEG or WebP as a part of the form",
                  .detail = "image is missing, wanted is a PNG, JPEG or WebP"});
  }
  return form;
}

// White where the mask is transparent.
Image repainted_part(const Image& mask, Image::Size wanted) {
  if (mask.size() != wanted) {
    const std::string size = json_of(wanted).text();
    refuse_field({.field = "mask",
                  .value = json_of(mask.size()),
                  .allowed = size,
                  .detail = "mask is " + json_of(mask.size()).text() + ", wanted is the size of " +
                            "the image, " + size});
  }
  auto clear = transparency_of(mask);
  if (!clear) {
    refuse_field({.field = "mask",
                  .allowed = "a picture with transparent pixels",
                  .detail = "mask is transparent nowhere, and what is transparent in it is drawn "
                            "anew"});
  }
  return *std::move(clear);
}

// Decodes what was sent before it is kept: what is broken is said now.
KeptPictures keep_image_form(const App& app, const ImageForm& form) {
  const Image image = decode_picture(form_bytes(form.images.front()), "the image").image;
  KeptPictures sent;
  std::vector<std::uint8_t> mask;
  if (!form.mask.empty()) {
    const Image decoded = decode_picture(form_bytes(form.mask), "the mask").image;
    mask = encode_picture(repainted_part(decoded, image.size()), ImageFormat::kPng,
                          {.compression = 1});
  }
  const auto bytes = static_cast<std::int64_t>(form.images.front().size() + mask.size());
  if (app.storage.folder.space().free < bytes + DataFolder::kReserveBytes) {
    refuse(507, "the disk is full: the picture cannot be kept");
  }
  sent.init = app.storage.given.keep(form.images.front());
  if (!mask.empty()) {
    sent.mask = app.storage.given.keep({reinterpret_cast<const char*>(mask.data()), mask.size()});
  }
  sent.masked_by_itself = mask.empty() && transparency_of(image);
  return sent;
}

ImagesRequest read_edit(App& app, const ImageForm& form, SettingsForm settings) {
  if (!settings.sent.mask.empty() || settings.sent.masked_by_itself) {
    settings.strength = kMaskedStrength;
  }
  ImagesRequest asked = read_images_request(app, form.settings, settings);
  asked.events = "image_edit";
  if (const std::size_t count = form.images.size(); count > 1) {
    asked.notes.push_back("image: the first of " + std::to_string(count) + " is edited");
  }
  return asked;
}

// The pictures are read on the helping thread, the settings and the answer are the loop's.
void draw_from_form(App& app, const RequestPtr& request, const Respond& respond,
                    const SettingsForm& settings) {
  const auto form = std::make_shared<const ImageForm>(read_image_form(*request));
  app.threads.helper->post([&app, request, respond, form, settings = settings]() mutable {
    std::exception_ptr error;
    try {
      settings.sent = keep_image_form(app, *form);
    } catch (...) {
      error = std::current_exception();
    }
    app.loop.post([&app, request, respond, form, settings, error] {
      try {
        if (error) std::rethrow_exception(error);
        answer_images(app, request, read_edit(app, *form, settings), respond);
      } catch (...) {
        fail_with(*request, respond)(problem_of(std::current_exception()));
      }
    });
  });
}

}  // namespace

void add_image_form_routes(App& app) {
  const auto add = [&app](const char* pattern, const SettingsForm& settings) {
    app.web.router.add({.method = "POST",
                        .pattern = pattern,
                        .handler =
                            [&app, settings](const RequestPtr& request, const Respond& respond) {
                              draw_from_form(app, request, respond, settings);
                            },
                        .body = BodyKind::kForm,
                        .body_limit = kFormBytes,
                        .submits = true});
  };
  add("/v1/images/edits", {.from_text = true, .strength = kEditStrength});
  add("/v1/images/variations",
      {.from_text = true, .needs_prompt = false, .strength = kVariationStrength});
}

}  // namespace easel::server
