#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "recipe/recipe.h"

// Each kind of value that a setting can have: whether it says anything, as text, and as JSON. The
// forms of a recipe are made of these, so a new kind of value is a row of functions here.

namespace easel {

inline bool is_said(const std::string& value) { return !value.empty(); }
inline bool is_said(std::same_as<bool> auto value) { return value; }
inline bool is_said(int side) { return side > 0; }
inline bool is_said(const Extension& value) { return value.any(); }
inline bool is_said(Image::Size value) { return value.width > 0 && value.height > 0; }
inline bool is_said(GuidanceInterval value) { return !value.whole(); }
inline bool is_said(DeepCache value) { return value.every > 1; }
inline bool is_said(const std::vector<Enlarging>& value) { return !value.empty(); }
template <typename T>
bool is_said(const std::optional<T>& value) {
  return value.has_value();
}

/// As pictures and commands say it: "7.5", "64x96", "0.1:0.8" for an interval, "SEED:STRENGTH".
std::string text_of(const std::string& value);
std::string text_of(std::same_as<bool> auto value) { return value ? "true" : "false"; }
std::string text_of(int value);
std::string text_of(std::uint64_t value);
std::string text_of(double value);  ///< the shortest that reads back as the same
std::string text_of(Image::Size value);
std::string text_of(GuidanceInterval value);
std::string text_of(DeepCache value);  ///< its number
std::string text_of(const Variation& value);
std::string text_of(GridSize value);
std::string text_of(Reached value);                        ///< "step 7 of 25"
std::string text_of(const Extension& value);               ///< "left=128,top=64"
std::string text_of(const std::vector<Enlarging>& value);  ///< "4:upscaler,2:lanczos"
template <typename T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : std::string();
}

/// The inverse. False, and `into` unchanged, for text that means no such value.
bool read_text(std::string_view text, std::string& into);
bool read_text(std::string_view text, bool& into);  ///< "true", "false"
bool read_text(std::string_view text, int& into);
bool read_text(std::string_view text, std::uint64_t& into);
bool read_text(std::string_view text, double& into);  ///< finite
bool read_text(std::string_view text, Image::Size& into);
bool read_text(std::string_view text, GuidanceInterval& into);  ///< 0 <= from < to <= 1
bool read_text(std::string_view text, DeepCache& into);         ///< 1 to 100
bool read_text(std::string_view text, Variation& into);         ///< strength 0 to 1
bool read_text(std::string_view text, GridSize& into);          ///< each side 1 to 64
bool read_text(std::string_view text, Reached& into);           ///< 1 <= step <= steps
bool read_text(std::string_view text, Extension& into);         ///< each 0 to 8192, one not 0
bool read_text(std::string_view text, std::vector<Enlarging>& into);
template <typename T>
bool read_text(std::string_view text, std::optional<T>& into) {
  T value{};
  if (!read_text(text, value)) return false;
  into = value;
  return true;
}

/// As the APIs and the store say it.
Json json_of(const std::string& value);
Json json_of(std::same_as<bool> auto value) { return Json(value); }
Json json_of(int value);
Json json_of(std::uint64_t seed);  ///< a number where every reader keeps it whole, else digits
Json json_of(double value);
Json json_of(Image::Size value);                    ///< "64x96"
Json json_of(GuidanceInterval value);               ///< "0.1:0.8"
Json json_of(DeepCache value);                      ///< 3
Json json_of(const Variation& value);               ///< {"seed": 5, "strength": 0.25}
Json json_of(GridSize value);                       ///< "4x2"
Json json_of(Reached value);                        ///< {"step": 7, "steps": 25}
Json json_of(const Extension& value);               ///< as its text
Json json_of(const std::vector<Enlarging>& value);  ///< as its text
Json json_of(const SharedGenerator& value);
template <typename T>
Json json_of(const std::optional<T>& value) {
  return value ? json_of(*value) : Json(nullptr);
}

/// The inverse. False, and `into` unchanged, for JSON that means no such value.
bool read_json(const Json& json, std::string& into);
bool read_json(const Json& json, bool& into);
bool read_json(const Json& json, int& into);
bool read_json(const Json& json, std::uint64_t& into);
bool read_json(const Json& json, double& into);
bool read_json(const Json& json, Image::Size& into);
bool read_json(const Json& json, GuidanceInterval& into);
bool read_json(const Json& json, DeepCache& into);
bool read_json(const Json& json, Variation& into);
bool read_json(const Json& json, GridSize& into);
bool read_json(const Json& json, Reached& into);
bool read_json(const Json& json, Extension& into);
bool read_json(const Json& json, std::vector<Enlarging>& into);
bool read_json(const Json& json, SharedGenerator& into);
template <typename T>
bool read_json(const Json& json, std::optional<T>& into) {
  T value{};
  if (!read_json(json, value)) return false;
  into = value;
  return true;
}

}  // namespace easel
