#include "pipeline/drawing/editing_check.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

constexpr double kUsualStrength = 0.75;
constexpr double kBeyondEdges = 0.9;  // what lies there is made up
constexpr double kUsualSecondStrength = 0.7;
constexpr int kMostBlur = 512;

void check_editing_number(std::string_view what, double value, double least, double most) {
  if (value >= least && value <= most) return;  // NaN fails
  fail(ErrorCode::kUsage, "{} is {}, wanted {} to {}", what, value, least, most);
}

template <std::size_t N>
void check_word(std::string_view what, const std::string& word,
                const std::array<std::string_view, N>& known) {
  if (std::ranges::find(known, word) != known.end()) return;
  std::string list;
  for (const std::string_view one : known) list += (list.empty() ? "" : ", ") + std::string(one);
  fail(ErrorCode::kUsage, "{} is '{}', wanted one of {}", what, printable(word), list);
}

void complete_masking(Masking& how) {
  if (how.content.empty()) how.content = "original";
  check_word("what is under the mask", how.content,
             std::array<std::string_view, 4>{"original", "fill", "noise", "nothing"});
  check_editing_number("the mask's blur", how.blur.value_or(0), 0, kMostBlur);
  check_editing_number("how far the mask grows", how.grow.value_or(0), 0, kMostBlur);
  check_editing_number("the padding", how.padding.value_or(0), 0, kMostBlur);
  // The usual is said by nothing.
  if (how.content == "original") how.content.clear();
}

void complete_second_pass(Diffusion& how) {
  SecondPass& second = how.second_pass;
  check_editing_number("how much the second pass enlarges", *second.scale, 1, 8);
  if (!second.strength) second.strength = kUsualSecondStrength;
  if (!second.steps) second.steps = how.steps;
  if (second.upscaler.empty()) second.upscaler = "latent";
  check_editing_number("the second pass's strength", *second.strength, 0, 1);
  check_editing_number("the second pass's number of steps", *second.steps, 1, 1000);
}

}  // namespace

void complete_editing(Recipe& recipe) {
  Diffusion& how = diffusion_of(recipe);
  if (how.second_pass.scale) {
    complete_second_pass(how);
  } else {
    how.second_pass = {};
  }
  if (!how.tile.empty()) {
    check_word("which edges fit each other", how.tile,
               std::array<std::string_view, 3>{"x", "y", "xy"});
  }
  Editing& editing = how.editing;
  if (!begins_at_picture(recipe)) {
    editing = {};
    return;
  }
  if (how.second_pass.scale) {
    fail(ErrorCode::kUsage,
         "a second pass draws on what was drawn from words: it cannot be had with a picture to "
         "begin at");
  }
  if (!editing.strength) {
    editing.strength = editing.extend.any() ? kBeyondEdges : kUsualStrength;
  }
  check_editing_number("the strength", *editing.strength, 0, 1);
  if (editing.resize_mode.empty()) editing.resize_mode = "crop";
  check_word("the resize mode", editing.resize_mode,
             std::array<std::string_view, 3>{"crop", "pad", "stretch"});
  if (editing.image_scale) check_editing_number("the image scale", *editing.image_scale, 0, 100);
  complete_masking(editing.masking);
  if (editing.masking.only_masked && editing.extend.any()) {
    fail(ErrorCode::kUsage,
         "a picture is extended as a whole: drawing only the masked part goes without that");
  }
}

void choose_size_by(Image::Size given, const ModelInfo& info, Recipe& recipe) {
  if (recipe.size.width > 0 || recipe.size.height > 0) return;
  const Image::Size native{.width = info.native_width, .height = info.native_height};
  const Editing& editing = diffusion_of(recipe).editing;
  if (editing.masking.only_masked) {
    recipe.size = native;
    return;
  }
  const int multiple = std::max(info.size_multiple, 1);
  recipe.size = size_like(given, native, multiple);
  const auto more = [&](int pixels) { return (pixels + multiple - 1) / multiple * multiple; };
  recipe.size.width += more(editing.extend.left + editing.extend.right);
  recipe.size.height += more(editing.extend.top + editing.extend.bottom);
}

void check_given(const Recipe& recipe, const GivenPixels* given) {
  if (!begins_at_picture(recipe)) return;
  if (given == nullptr || given->init.empty()) {
    fail(ErrorCode::kUsage, "the picture to begin at ({}) was not given",
         diffusion_of(recipe).editing.init.sha256);
  }
  const GivenPicture& mask = diffusion_of(recipe).editing.masking.mask;
  if (!mask.sha256.empty() && !given->mask) {
    fail(ErrorCode::kUsage, "the mask ({}) was not given", mask.sha256);
  }
}

Image::Size last_size(const Recipe& recipe, int multiple) {
  const auto& scale = diffusion_of(recipe).second_pass.scale;
  if (!scale) return recipe.size;
  const auto side = [&](int pixels) {
    return std::max(multiple, static_cast<int>(std::lround(pixels * *scale / multiple)) * multiple);
  };
  return {.width = side(recipe.size.width), .height = side(recipe.size.height)};
}

}  // namespace easel
