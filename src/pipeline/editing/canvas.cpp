#include "pipeline/editing/canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/rng.h"
#include "image/mask.h"
#include "image/pillow_resize.h"

namespace easel {
namespace {

constexpr int kUsualBlur = 4;
constexpr int kUsualPadding = 32;
// Of the noise over what lies beyond a picture's edges, in levels of 255.
constexpr float kNoiseBeyond = 24;

Image lanczos_to(const Image& image, Image::Size size) {
  return resize_as_pillow(image, size, PillowFilter::kLanczos);
}

// The middle of a picture, in the proportions of `form`; with `around` the picture and what it
// lacks of them.
Rect of_form(Image::Size size, Image::Size form, bool around) {
  const double scale_x = static_cast<double>(form.width) / size.width;
  const double scale_y = static_cast<double>(form.height) / size.height;
  const double scale = around ? std::min(scale_x, scale_y) : std::max(scale_x, scale_y);
  Rect part{.width = std::max(1, static_cast<int>(std::lround(form.width / scale))),
            .height = std::max(1, static_cast<int>(std::lround(form.height / scale)))};
  part.x = (size.width - part.width) / 2;
  part.y = (size.height - part.height) / 2;
  return part;
}

Image fitted(const Image& image, Image::Size size, const std::string& mode) {
  if (mode == "stretch") return lanczos_to(image, size);
  return lanczos_to(cropped(image, of_form(image.size(), size, mode == "pad")), size);
}

// As the person drew it, at the picture's size.
std::optional<Image> asked_mask(const GivenPixels& given, const Masking& how) {
  std::optional<Image> mask = transparency_of(given.init);
  if (given.mask) {
    mask = resize_as_pillow(mask_of(*given.mask), given.init.size(), PillowFilter::kBilinear);
  }
  if (!mask) return std::nullopt;
  if (how.invert) mask = inverted(std::move(*mask));
  return widened(*mask, how.grow.value_or(0));
}

Image all_masked(Image::Size size) { return inverted(Image(size, 1)); }

// The picture with room beyond its edges: seen there as in a mirror, with noise over it, always the
// same.
Canvas extended(const Canvas& canvas, const Extension& by, const Masking& how) {
  const Image::Size inner = canvas.picture.size();
  const Rect part{.x = -by.left,
                  .y = -by.top,
                  .width = inner.width + by.left + by.right,
                  .height = inner.height + by.top + by.bottom};
  Image mask =
      with_part(all_masked(part.size()), canvas.mask.value_or(Image(inner, 1)), by.left, by.top);
  Image picture = mirrored(canvas.picture, part);
  std::vector<float> noise(picture.samples());
  TorchCpuRng(0).normal(noise);
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const float noisy = static_cast<float>(picture.samples8()[i]) + kNoiseBeyond * noise[i];
    picture.samples8()[i] = static_cast<std::uint8_t>(std::clamp(noisy, 0.0f, 255.0f));
  }
  picture = with_part(std::move(picture), canvas.picture, by.left, by.top);
  // Softened towards the picture only: nothing of what stands beyond its edges is to be seen.
  const Image soft =
      cropped(blurred(mask, how.blur.value_or(kUsualBlur)),
              {.x = by.left, .y = by.top, .width = inner.width, .height = inner.height});
  return {.picture = std::move(picture),
          .mask = with_part(all_masked(part.size()), soft, by.left, by.top),
          .frame = std::nullopt};
}

// A stretch of a line, grown to `length` around its middle where the line has room.
void grow_to(int length, int line, int& first, int& extent) {
  length = std::min(length, line);
  if (extent >= length) return;
  first = std::clamp(first - (length - extent) / 2, 0, line - length);
  extent = length;
}

// The masked part with what is seen around it, in the proportions of `form` as far as the picture
// has room.
Rect masked_part(const Image& mask, int padding, Image::Size form) {
  const auto bounds = bounds_of(mask);
  if (!bounds) {
    fail(ErrorCode::kUsage, "the mask is black everywhere: there is no masked part to draw");
  }
  const int left = std::max(0, bounds->x - padding), top = std::max(0, bounds->y - padding);
  const int right = std::min(mask.width(), bounds->x + bounds->width + padding);
  const int bottom = std::min(mask.height(), bounds->y + bounds->height + padding);
  Rect part{.x = left, .y = top, .width = right - left, .height = bottom - top};
  const double ratio = static_cast<double>(form.width) / form.height;
  grow_to(static_cast<int>(std::lround(part.height * ratio)), mask.width(), part.x, part.width);
  grow_to(static_cast<int>(std::lround(part.width / ratio)), mask.height(), part.y, part.height);
  return part;
}

Canvas of_masked_part(Image whole, Image mask, const Masking& how, Image::Size size) {
  mask = blurred(mask, how.blur.value_or(kUsualBlur));
  const Rect part = masked_part(mask, how.padding.value_or(kUsualPadding), size);
  return {.picture = lanczos_to(cropped(whole, part), size),
          .mask = lanczos_to(cropped(mask, part), size),
          .frame = Canvas::Frame{.whole = std::move(whole), .mask = std::move(mask), .part = part}};
}

Image::Size without(Image::Size size, const Extension& by) {
  const Image::Size inner{.width = size.width - by.left - by.right,
                          .height = size.height - by.top - by.bottom};
  if (inner.width > 0 && inner.height > 0) return inner;
  fail(ErrorCode::kUsage,
       "{}x{} pixels extended by {}, {} at the sides and {}, {} above and below "
       "leave nothing of the picture",
       size.width, size.height, by.left, by.right, by.top, by.bottom);
}

}  // namespace

Canvas make_canvas(const GivenPixels& given, const Recipe& recipe) {
  const Editing& editing = diffusion_of(recipe).editing;
  const Masking& how = editing.masking;
  const Image picture = to_rgb8(given.init);
  const std::optional<Image> mask = asked_mask(given, how);
  Canvas canvas;
  if (how.only_masked && mask) {
    canvas = of_masked_part(picture, *mask, how, recipe.size);
  } else {
    const Image::Size inner = without(recipe.size, editing.extend);
    canvas.picture = fitted(picture, inner, editing.resize_mode);
    if (mask) canvas.mask = fitted(*mask, inner, editing.resize_mode);
    if (editing.extend.any()) {
      canvas = extended(canvas, editing.extend, how);
    } else if (mask) {
      canvas.mask = blurred(*canvas.mask, how.blur.value_or(kUsualBlur));
    }
    if (canvas.mask) {
      canvas.frame = {.whole = canvas.picture,
                      .mask = *canvas.mask,
                      .part = {.width = recipe.size.width, .height = recipe.size.height}};
    }
  }
  if (canvas.mask && how.content == "fill") {
    canvas.picture = filled_from_around(canvas.picture, *canvas.mask);
  }
  return canvas;
}

Image pasted(const Canvas& canvas, Image drawn) {
  if (!canvas.frame) return drawn;
  const auto& [whole, mask, part] = *canvas.frame;
  const Image here = lanczos_to(drawn, part.size());
  return blended(whole, with_part(whole, here, part.x, part.y), mask);
}

Image::Size size_like(Image::Size given, Image::Size native, int multiple) {
  const double scale = std::sqrt(static_cast<double>(native.width) * native.height /
                                 (static_cast<double>(given.width) * given.height));
  const auto side = [&](int pixels) {
    return std::max(multiple, static_cast<int>(std::lround(pixels * scale / multiple)) * multiple);
  };
  return {.width = side(given.width), .height = side(given.height)};
}

}  // namespace easel
