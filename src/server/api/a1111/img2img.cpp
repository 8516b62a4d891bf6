#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "atelier/editing_request.h"
#include "core/error.h"
#include "image/codec.h"
#include "image/mask.h"
#include "pipeline/drawing/editing_check.h"
#include "recipe/fields.h"
#include "server/api/a1111/a1111.h"
#include "server/api/a1111/sent_picture.h"
#include "server/api/a1111/txt2img.h"
#include "store/given_files.h"

namespace easel::server {
namespace {

constexpr double kTheirStrength = 0.75;
constexpr int kTheirBlur = 4;

// By their numbers.
constexpr const char* kTheirResizeModes[] = {"stretch", "crop", "pad", "stretch"};
constexpr const char* kTheirContents[] = {"fill", "original", "noise", "nothing"};

std::int64_t most_of(const Field& row) { return static_cast<std::int64_t>(row.most); }

// What was sent, still in its files.
struct SentPictures {
  std::string init;
  std::string mask;
};

SentPictures read_sent(Fields& fields) {
  SentPictures sent;
  const Json& list = fields.raw("init_images");
  const bool one = list.is_array() && list.size() == 1;
  if (one) {
    sent.init = sent_picture(fields, "init_images", list[0]);
  } else {
    fields.fault("init_images", "a list of one picture in base64",
                 list.is_array() ? "holds " + std::to_string(list.size()) + " pictures"
                                 : "is missing, or no list");
  }
  const Json& mask = fields.raw("mask");
  if (!mask.is_null()) sent.mask = sent_picture(fields, "mask", mask);
  return sent;
}

Editing read_editing(Fields& fields) {
  Editing editing;
  editing.strength = fields.number("denoising_strength", kTheirStrength, 0, 1);
  editing.resize_mode = kTheirResizeModes[fields.integer("resize_mode", 0, 0, 3)];
  if (fields.has("image_cfg_scale")) {
    editing.image_scale = fields.number("image_cfg_scale", 1.5, 0, 100);
  }
  if (fields.raw("mask").is_null()) return editing;
  Masking& how = editing.masking;
  how.blur =
      static_cast<int>(fields.integer("mask_blur", kTheirBlur, 0, most_of(fields::kMaskBlur)));
  how.content = kTheirContents[fields.integer("inpainting_fill", 0, 0, 3)];
  how.invert = fields.integer("inpainting_mask_invert", 0, 0, 1) == 1;
  how.only_masked = fields.flag("inpaint_full_res", true);
  how.padding = static_cast<int>(
      fields.integer("inpaint_full_res_padding", 0, 0, most_of(fields::kMaskPadding)));
  return editing;
}

std::vector<std::uint8_t> png_of(const Image& image) {
  return encode_picture(image, ImageFormat::kPng, {.compression = 1});
}

std::string keep_picture(const GivenFiles& files, const Image& image) {
  const std::vector<std::uint8_t> png = png_of(image);
  return files.keep({reinterpret_cast<const char*>(png.data()), png.size()});
}

Image decoded(const std::string& bytes, const char* name) {
  return decode_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, name)
      .image;
}

// That program lays a transparent picture over white, and takes the opaque part of a transparent
// mask for white.
void keep_sent(const GivenFiles& files, const SentPictures& sent, Recipe& recipe) {
  Editing& editing = diffusion_of(recipe).editing;
  editing.init.sha256 =
      keep_picture(files, to_rgb8(decoded(sent.init, "the picture of init_images")));
  if (!sent.mask.empty()) {
    const Image mask = decoded(sent.mask, "the mask");
    const auto clear = transparency_of(mask);
    editing.masking.mask.sha256 = keep_picture(files, clear ? inverted(*clear) : mask_of(mask));
  }
  name_given_pictures(editing);
  complete_editing(recipe);
}

}  // namespace

// txt2img's settings and a picture to begin at, which is read on the helping thread.
void a1111_img2img(App& app, const RequestPtr& request, const Respond& respond) {
  Txt2imgRequest asked = read_txt2img(app, *request);
  Fields fields(asked.body, {.refuse_unknown = false, .from_text = true});
  auto sent = std::make_shared<const SentPictures>(read_sent(fields));
  diffusion_of(asked.draw.recipe).editing = read_editing(fields);
  fields.finish();
  // The answer repeats the request, and nobody wants the pictures twice.
  for (const char* name : {"init_images", "mask"}) asked.body.erase(name);
  app.threads.helper->post([&app, request, respond, asked, sent]() mutable {
    std::exception_ptr error;
    try {
      keep_sent(app.storage.given, *sent, asked.draw.recipe);
    } catch (...) {
      error = std::current_exception();
    }
    app.loop.post([&app, request, respond, asked, error] {
      const App::Fail fail = fail_with(*request, respond);
      try {
        if (error) std::rethrow_exception(error);
        draw_and_answer(app, request, asked, respond);
      } catch (...) {
        fail(problem_of(std::current_exception()));
      }
    });
  });
}

}  // namespace easel::server
