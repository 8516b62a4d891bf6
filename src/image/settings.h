#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/codec.h"

namespace easel {

/// Everything needed to draw a picture again. What a file does not say is empty.
struct Settings {
  std::string prompt;
  std::string negative;
  std::optional<int> steps = {};
  std::string sampler;
  std::optional<double> scale = {};
  std::optional<double> eta = {};
  std::optional<std::uint64_t> seed = {};
  std::string rng;
  std::optional<int> width = {};
  std::optional<int> height = {};
  std::string model;
  std::string model_sha256;
  std::string precision;
  std::string version;
  /// Other fields, in order: what another program wrote, or Easel's own additions.
  std::vector<std::pair<std::string, std::string>> extra = {};

  bool operator==(const Settings&) const = default;
};

/// AUTOMATIC1111's text: the prompt, "Negative prompt: …", then one line of "Key: value" pairs,
/// values with commas, colons or line ends in JSON quotes.
std::string to_parameters(const Settings& settings);
/// The inverse, for text of any origin; never throws: what is not understood is prompt or extra.
Settings from_parameters(std::string_view text);

/// Easel's own record. from_json throws kInvalidFile for what is no such record.
std::string to_json(const Settings& settings);
Settings from_json(std::string_view text);

/// Both texts for a picture file.
ImageMetadata metadata_of(const Settings& settings);
/// From Easel's record where it is sound, else from AUTOMATIC1111's text; nothing when there is
/// neither.
std::optional<Settings> settings_of(const ImageMetadata& metadata);

}  // namespace easel
