#include "pipeline/families.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"
#include "pipeline/families/esrgan/esrgan_family.h"
#include "pipeline/families/ldm/ldm_family.h"
#include "pipeline/families/other_files.h"
#include "pipeline/families/stable_diffusion/sd_family.h"
#include "weights/changes/eight_bits.h"
#include "weights/maps/autoencoder.h"

namespace easel {
namespace {

const Family* family_for(ModelUse use) {
  for (const Family& family : families()) {
    if (family.use == use) return &family;
  }
  return nullptr;
}

// The first family that knows the file, and as what.
std::pair<const Family*, ModelKind> find_family(const Weights& weights) {
  for (const Family& family : families()) {
    if (auto kind = family.recognise(weights)) return {&family, *std::move(kind)};
  }
  return {nullptr,
          {.name = name_by_signs(weights),
           .use = ModelUse::kNothing,
           .advice = std::string(family_for(ModelUse::kTextToImage)->advice)}};
}

}  // namespace

std::span<const Family> families() {
  static const std::array kFamilies = {stable_diffusion_family(), ldm_family(), esrgan_family()};
  return kFamilies;
}

Weights open_model_weights(const std::filesystem::path& path) {
  std::vector<FolderLayout> layouts;
  for (const Family& family : families()) {
    if (!family.folder.empty()) layouts.push_back({family.name, family.folder});
  }
  return with_eight_bits_of_file(open_model_weights(path, layouts));
}

ModelKind recognise(const Weights& weights) { return find_family(weights).second; }

const Family& require_family(const Weights& weights, ModelUse use, std::string_view path) {
  const auto [family, kind] = find_family(weights);
  if (family != nullptr && kind.use == use) return *family;
  fail(ErrorCode::kWrongModel, "'{}' is {} and cannot {}; {}{}", path, kind.name,
       use == ModelUse::kTextToImage ? "draw from words" : "enlarge pictures",
       kind.use == ModelUse::kNothing ? "" : kind.advice + "; ", family_for(use)->advice);
}

std::vector<NamedPart> known_parts() {
  std::vector<NamedPart> parts;
  for (const Family& family : families()) {
    parts.insert(parts.end(), family.parts.begin(), family.parts.end());
  }
  return parts;
}

std::unique_ptr<DrawingModel> open_drawing_model(const ModelLocation& location,
                                                 const DrawingOptions& options) {
  Weights weights = open_model_weights(location.path);
  if (location.autoencoder) {
    weights = with_autoencoder(weights, open_model_weights(*location.autoencoder));
  }
  const Family& family = require_family(weights, ModelUse::kTextToImage, location.path.string());
  if (!location.loras.empty() && !family.takes_loras) {
    fail(ErrorCode::kUnsupported, "'{}' is of the family {}, for which there are no LoRAs",
         location.path.string(), family.name);
  }
  return family.open({.location = location, .weights = std::move(weights)}, options);
}

}  // namespace easel
