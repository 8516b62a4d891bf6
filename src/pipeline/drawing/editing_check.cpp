#include "pipeline/drawing/editing_check.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/printable.h"
#include "recipe/fields.h"

namespace easel {
namespace {

constexpr double kUsualStrength = 0.75;
constexpr double kBeyondEdges = 0.9;  // what lies there is made up
constexpr double kUsualSecondStrength = 0.7;

// What a setting may be stands in its row.
void check_number(const Field& row, std::string_view what, double value) {
  if (value >= row.least && value <= row.most) return;  // NaN fails
  fail(ErrorCode::kUsage, "{} is {}, wanted {} to {}", what, value, row.least, row.most);
}

void check_word(const Field& row, std::string_view what, const std::string& word) {
  std::string list;
  for (std::string_view rest = row.choices; !rest.empty();) {
    const std::string_view choice = rest.substr(0, rest.find(' '));
    if (word == choice) return;
    list += (list.empty() ? "" : ", ") + std::string(choice);
    rest.remove_prefix(std::min(choice.size() + 1, rest.size()));
  }
  fail(ErrorCode::kUsage, "{} is '{}', wanted one of {}", what, printable(word), list);
}

void complete_masking(Masking& how) {
  if (how.content.empty()) how.content = "original";
  check_word(fields::kMaskContent, "what is under the mask", how.content);
  check_number(fields::kMaskBlur, "the mask's blur", how.blur.value_or(0));
  check_number(fields::kMaskGrow, "how far the mask grows", how.grow.value_or(0));
  check_number(fields::kMaskPadding, "the padding", how.padding.value_or(0));
  // The usual is said by nothing.
  if (how.content == "original") how.content.clear();
}

void complete_second_pass(Diffusion& how) {
  SecondPass& second = how.second_pass;
  check_number(fields::kHires, "how much the second pass enlarges", *second.scale);
  if (!second.strength) second.strength = kUsualSecondStrength;
  if (!second.steps) second.steps = how.steps;
  if (second.upscaler.empty()) second.upscaler = "latent";
  check_number(fields::kHiresStrength, "the second pass's strength", *second.strength);
  check_number(fields::kHiresSteps, "the second pass's number of steps", *second.steps);
}

}  // namespace

void complete_editing(Recipe& recipe) {
  Diffusion& how = diffusion_of(recipe);
  if (how.second_pass.scale) {
    complete_second_pass(how);
  } else {
    how.second_pass = {};
  }
  if (!how.tile.empty()) check_word(fields::kTile, "which edges fit each other", how.tile);
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
  check_number(fields::kStrength, "the strength", *editing.strength);
  if (editing.resize_mode.empty()) editing.resize_mode = "crop";
  check_word(fields::kResizeMode, "the resize mode", editing.resize_mode);
  if (editing.image_scale)
    check_number(fields::kImageScale, "the image scale", *editing.image_scale);
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
