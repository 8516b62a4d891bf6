#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "recipe/forms.h"

// What the readers of other programs' settings share.

namespace easel::readers {

/// Settings as another program says them, already under AUTOMATIC1111's keys where it has one.
struct Told {
  std::string prompt = {};
  std::string negative = {};
  std::vector<Provenance::Pair> pairs = {};
  std::string version = {};  ///< the program's

  /// A pair; the key is made fit to stand before a colon, the value cut after 4 KiB. Nothing where
  /// the value is empty.
  void add(std::string_view key, std::string_view value);
  void add_json(std::string_view key, const Json& value);
  /// As programs built on k-diffusion name it: "dpmpp_2m_sde_gpu", "k_euler_ancestral".
  void add_sampler(std::string_view name, std::string_view schedule);
  void add_size(const Json& width, const Json& height);
  /// "folder/model.safetensors" as "model".
  void add_model(std::string_view file);
};

/// What is understood becomes the recipe, the rest stays among the others.
Provenance provenance_of(Told told);

/// A member of a program's JSON and AUTOMATIC1111's key for it. An empty key: it is said elsewhere.
struct Renamed {
  std::string_view theirs;
  std::string_view ours;
};
/// Adds every member of an object, renamed or under its own name.
void add_members(Told& told, const Json& object, std::span<const Renamed> names);

/// JSON as programs in Python write it, who say NaN and Infinity in it: these become null. Nothing
/// for what is no JSON of at most 64 levels.
std::optional<Json> json_in(std::string_view text);

/// A value as text: strings as they are, null as nothing, all others as JSON.
std::string text_of(const Json& value);
/// The member as text, or "".
std::string text_of(const Json& object, std::string_view key);

/// A text of the picture by its keyword, or null.
const std::string* text_named(const ImageMetadata& metadata, std::string_view key);

}  // namespace easel::readers
