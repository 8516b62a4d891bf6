#include "recipe/enlarged.h"

#include <algorithm>

#include "recipe/forms.h"
#include "recipe/values.h"

namespace easel {
namespace {

constexpr const char* kPostprocessing = "postprocessing";

std::optional<Provenance> own_record(const ImageMetadata& metadata) {
  if (metadata.easel.empty()) return std::nullopt;
  std::optional<Provenance> provenance = provenance_of(metadata);
  // No command enlarges a whole grid, or what txt2img draws.
  if (provenance && (provenance->recipe.grid || provenance->recipe.seed.shared))
    return std::nullopt;
  return provenance;
}

// Whoever reads both texts finds the last enlarging at the end.
void add_postprocessing(ImageMetadata& metadata, const Enlarging& enlarging) {
  const std::string text = "Postprocess upscale by: " + text_of(enlarging.factor) +
                           ", Postprocess upscaler: " + enlarging.upscaler;
  const auto found = std::ranges::find(metadata.texts, kPostprocessing, &NamedText::key);
  if (found == metadata.texts.end()) {
    metadata.texts.push_back({.key = kPostprocessing, .text = text});
  } else {
    found->text += ", " + text;
  }
}

}  // namespace

void say_enlarged(ImageMetadata& metadata, const Enlarging& enlarging) {
  std::optional<Provenance> provenance = own_record(metadata);
  if (!provenance) {
    if (!metadata.parameters.empty()) add_postprocessing(metadata, enlarging);
    return;
  }
  Recipe& recipe = provenance->recipe;
  const bool first = recipe.enlarging == Enlarging{} && recipe.enlarged_again.empty();
  if (first) {
    recipe.enlarging = enlarging;
  } else {
    recipe.enlarged_again.push_back(enlarging);
  }
  const ImageMetadata told = metadata_of(*provenance);
  metadata.parameters = told.parameters;
  metadata.easel = told.easel;
}

}  // namespace easel
