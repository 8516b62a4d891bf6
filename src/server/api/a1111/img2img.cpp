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
  std::vector<std::string> inits;
  std::string mask;
  Deviations blur;  // of the mask, where no setting of Easel's says it
};

// One picture is begun at by all of a batch; several are one of a batch each, and there are no more
// of them than batch_size.
SentPictures read_sent(Fields& fields, int batch) {
  SentPictures sent;
  const Json& list = fields.raw("init_images");
  const std::size_t count = list.is_array() ? list.size() : 0;
  const auto most = static_cast<std::size_t>(std::max(batch, 1));
  if (count == 0 || count > most) {
    fields.fault("init_images", "a list of 1 to batch_size pictures in base64",
                 list.is_array() ? "holds " + std::to_string(count) +
                                       " pictures, and batch_size is " + std::to_string(batch)
                                 : "is missing, or no list");
  }
  for (std::size_t at = 0; at < std::min(count, most); ++at) {
    sent.inits.push_back(sent_picture(fields, "init_images", list[at]));
  }
  const Json& mask = fields.raw("mask");
  if (!mask.is_null()) sent.mask = sent_picture(fields, "mask", mask);
  return sent;
}

// mask_blur is said for both ways at once, else each for itself.
Deviations read_blur(Fields& fields) {
  const auto one = [&](const char* name, std::int64_t usual) {
    return static_cast<int>(fields.integer(name, usual, 0, most_of(fields::kMaskBlur)));
  };
  Deviations blur{.x = one("mask_blur_x", kTheirBlur), .y = one("mask_blur_y", kTheirBlur)};
  if (fields.has("mask_blur")) blur.x = blur.y = one("mask_blur", kTheirBlur);
  return blur;
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

// Softened more one way than the other, the mask is kept as it is then.
void set_blur(const Deviations& blur, SentPictures& sent, Masking& how) {
  const bool alike = blur.x == blur.y;
  how.blur = alike ? blur.x : 0;
  if (!alike) sent.blur = blur;
}

// That program lays a transparent picture over white, and takes the opaque part of a transparent
// mask for white.
std::vector<Recipe> keep_sent(const GivenFiles& files, const SentPictures& sent,
                              const Recipe& recipe) {
  std::string kept_mask;
  if (!sent.mask.empty()) {
    const Image mask = decoded(sent.mask, "the mask");
    const auto clear = transparency_of(mask);
    kept_mask = keep_picture(files, blurred(clear ? inverted(*clear) : mask_of(mask), sent.blur));
  }
  std::vector<Recipe> recipes;
  for (const std::string& init : sent.inits) {
    Recipe& one = recipes.emplace_back(recipe);
    Editing& editing = diffusion_of(one).editing;
    editing.init.sha256 = keep_picture(files, to_rgb8(decoded(init, "the picture of init_images")));
    editing.masking.mask.sha256 = kept_mask;
    name_given_pictures(editing);
    complete_editing(one);
  }
  return recipes;
}

// The jobs of a request. Of several pictures each round begins at all, one after another.
void set_draws(const std::vector<Recipe>& begun, Txt2imgRequest& asked) {
  asked.draw.recipe = begun.front();
  if (begun.size() == 1) return;
  const int count = static_cast<int>(begun.size());
  const int rounds = asked.draw.count / std::max(asked.batch, 1);
  asked.batch = count;
  asked.draw.count = rounds * count;
  for (int k = 0; k < asked.draw.count; ++k) {
    asked.each.push_back({.recipe = of_picture(begun[static_cast<std::size_t>(k % count)], k)});
  }
}

}  // namespace

// txt2img's settings and a picture to begin at, which is read on the helping thread.
void a1111_img2img(App& app, const RequestPtr& request, const Respond& respond) {
  Txt2imgRequest asked = read_txt2img(app, *request);
  Fields fields(asked.body, {.refuse_unknown = false, .from_text = true});
  const auto sent = std::make_shared<SentPictures>(read_sent(fields, asked.batch));
  Editing editing = read_editing(fields);
  if (!sent->mask.empty()) set_blur(read_blur(fields), *sent, editing.masking);
  diffusion_of(asked.draw.recipe).editing = editing;
  fields.finish();
  // The answer repeats the request, and nobody wants the pictures twice.
  for (const char* name : {"init_images", "mask"}) asked.body.erase(name);
  app.threads.helper->post([&app, request, respond, asked, sent]() mutable {
    std::exception_ptr error;
    try {
      set_draws(keep_sent(app.storage.given, *sent, asked.draw.recipe), asked);
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
