#include "recipe/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace easel {
namespace {

constexpr std::uint64_t kWholeInDouble = (std::uint64_t{1} << 53) - 1;
constexpr int kMaxGridSide = 64;
constexpr int kMaxDeepEvery = 100;
constexpr int kMostExtension = 8192;

struct Edge {
  std::string_view name;
  int Extension::*pixels;
};
constexpr std::array<Edge, 4> kEdges{{{"left", &Extension::left},
                                      {"top", &Extension::top},
                                      {"right", &Extension::right},
                                      {"bottom", &Extension::bottom}}};

template <typename Number>
bool read_number(std::string_view text, Number& into) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return false;
  }
  into = value;
  return true;
}

// "A:B", "AxB"
template <typename First, typename Second>
bool read_pair(std::string_view text, char between, First& first, Second& second) {
  const auto at = text.find(between);
  return at != std::string_view::npos && read_text(text.substr(0, at), first) &&
         read_text(text.substr(at + 1), second);
}

bool is_interval(GuidanceInterval value) {
  return value.from >= 0 && value.from < value.to && value.to <= 1;
}

bool is_reached(Reached value) { return value.step >= 1 && value.step <= value.steps; }

}  // namespace

std::string text_of(const std::string& value) { return value; }
std::string text_of(int value) { return std::to_string(value); }
std::string text_of(std::uint64_t value) { return std::to_string(value); }
std::string text_of(double value) { return fmt::format("{}", value); }
std::string text_of(Image::Size value) { return fmt::format("{}x{}", value.width, value.height); }
std::string text_of(GuidanceInterval value) { return fmt::format("{}:{}", value.from, value.to); }
std::string text_of(DeepCache value) { return text_of(value.every); }
std::string text_of(const Variation& value) {
  return fmt::format("{}:{}", value.seed, value.strength);
}
std::string text_of(GridSize value) { return fmt::format("{}x{}", value.columns, value.rows); }
std::string text_of(Reached value) { return fmt::format("step {} of {}", value.step, value.steps); }

std::string text_of(const Extension& value) {
  std::string text;
  for (const Edge& edge : kEdges) {
    if (const int pixels = value.*edge.pixels; pixels > 0) {
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", edge.name, pixels);
    }
  }
  return text;
}

std::string text_of(const std::vector<Enlarging>& value) {
  std::string text;
  for (const Enlarging& one : value) {
    text += (text.empty() ? "" : ",") + text_of(one.factor) + ":" + one.upscaler;
  }
  return text;
}

bool read_text(std::string_view text, std::string& into) {
  into = text;
  return true;
}
bool read_text(std::string_view text, bool& into) {
  if (text != "true" && text != "false") return false;
  into = text == "true";
  return true;
}
bool read_text(std::string_view text, int& into) { return read_number(text, into); }
bool read_text(std::string_view text, std::uint64_t& into) { return read_number(text, into); }
bool read_text(std::string_view text, double& into) { return read_number(text, into); }

bool read_text(std::string_view text, Image::Size& into) {
  Image::Size value;
  if (!read_pair(text, 'x', value.width, value.height)) return false;
  if (value.width < 1 || value.height < 1) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, GuidanceInterval& into) {
  GuidanceInterval value;
  if (!read_pair(text, ':', value.from, value.to) || !is_interval(value)) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, DeepCache& into) {
  DeepCache value;
  if (!read_text(text, value.every) || value.every < 1 || value.every > kMaxDeepEvery) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, Variation& into) {
  Variation value;
  if (!read_pair(text, ':', value.seed, value.strength)) return false;
  if (!(value.strength >= 0 && value.strength <= 1)) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, GridSize& into) {
  GridSize value;
  if (!read_pair(text, 'x', value.columns, value.rows)) return false;
  const auto fits = [](int side) { return side >= 1 && side <= kMaxGridSide; };
  if (!fits(value.columns) || !fits(value.rows)) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, Reached& into) {
  constexpr std::string_view kStep = "step ", kOf = " of ";
  const auto at = text.find(kOf);
  Reached value;
  if (!text.starts_with(kStep) || at == std::string_view::npos || at < kStep.size()) return false;
  if (!read_text(text.substr(kStep.size(), at - kStep.size()), value.step)) return false;
  if (!read_text(text.substr(at + kOf.size()), value.steps) || !is_reached(value)) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, Extension& into) {
  Extension value;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    const auto edge = std::ranges::find_if(
        kEdges, [&](const Edge& one) { return part.starts_with(std::string(one.name) + "="); });
    if (edge == kEdges.end()) return false;
    int& pixels = value.*edge->pixels;
    if (!read_text(part.substr(edge->name.size() + 1), pixels)) return false;
    if (pixels < 0 || pixels > kMostExtension) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!value.any()) return false;
  into = value;
  return true;
}

bool read_text(std::string_view text, std::vector<Enlarging>& into) {
  std::vector<Enlarging> value;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    Enlarging one;
    if (!read_pair(text.substr(0, end), ':', one.factor, one.upscaler)) return false;
    if (!(*one.factor >= 0.01 && *one.factor <= 16) || one.upscaler.empty()) return false;
    value.push_back(std::move(one));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (value.empty()) return false;
  into = std::move(value);
  return true;
}

Json json_of(const std::string& value) { return value; }
Json json_of(int value) { return value; }
Json json_of(std::uint64_t seed) {
  return seed <= kWholeInDouble ? Json(seed) : Json(std::to_string(seed));
}
Json json_of(double value) { return value; }
Json json_of(Image::Size value) { return text_of(value); }
Json json_of(GuidanceInterval value) { return text_of(value); }
Json json_of(DeepCache value) { return value.every; }
Json json_of(const Variation& value) {
  return {{"seed", json_of(value.seed)}, {"strength", value.strength}};
}
Json json_of(GridSize value) { return text_of(value); }
Json json_of(Reached value) { return {{"step", value.step}, {"steps", value.steps}}; }
Json json_of(const Extension& value) { return text_of(value); }
Json json_of(const std::vector<Enlarging>& value) { return text_of(value); }
Json json_of(const SharedGenerator& value) {
  const Json picture = value.picture == SharedGenerator::kAll ? Json("all") : Json(value.picture);
  Json json = {{"n_iter", value.iterations}, {"n_samples", value.samples}, {"picture", picture}};
  if (value.fixed_start) json["fixed_code"] = true;
  return json;
}

bool read_json(const Json& json, std::string& into) {
  if (!json.is_string()) return false;
  into = json.text();
  return true;
}

bool read_json(const Json& json, bool& into) {
  if (!json.is_boolean()) return false;
  into = json == Json(true);
  return true;
}

bool read_json(const Json& json, int& into) {
  double value = 0;
  if (!read_json(json, value) || value != std::trunc(value)) return false;
  if (value < 0 || value > std::numeric_limits<int>::max()) return false;
  into = static_cast<int>(value);
  return true;
}

bool read_json(const Json& json, std::uint64_t& into) {
  if (json.is_string()) return read_text(json.text(), into);
  if (!json.is_unsigned()) return false;
  into = json.get<std::uint64_t>();
  return true;
}

bool read_json(const Json& json, double& into) {
  if (!json.is_number()) return false;
  into = json.get<double>();
  return true;
}

bool read_json(const Json& json, Image::Size& into) {
  return json.is_string() && read_text(json.text(), into);
}

bool read_json(const Json& json, GuidanceInterval& into) {
  return json.is_string() && read_text(json.text(), into);
}

bool read_json(const Json& json, DeepCache& into) {
  int every = 0;
  if (!read_json(json, every) || every < 1 || every > kMaxDeepEvery) return false;
  into.every = every;
  return true;
}

bool read_json(const Json& json, Variation& into) {
  Variation value;
  if (!read_json(json["seed"], value.seed) || !read_json(json["strength"], value.strength)) {
    return false;
  }
  into = value;
  return true;
}

bool read_json(const Json& json, GridSize& into) {
  return json.is_string() && read_text(json.text(), into);
}

bool read_json(const Json& json, Reached& into) {
  Reached value;
  if (!read_json(json["step"], value.step) || !read_json(json["steps"], value.steps)) return false;
  if (!is_reached(value)) return false;
  into = value;
  return true;
}

bool read_json(const Json& json, Extension& into) {
  return json.is_string() && read_text(json.text(), into);
}

bool read_json(const Json& json, std::vector<Enlarging>& into) {
  return json.is_string() && read_text(json.text(), into);
}

bool read_json(const Json& json, SharedGenerator& into) {
  SharedGenerator value;
  const bool read =
      read_json(json["n_iter"], value.iterations) && read_json(json["n_samples"], value.samples);
  if (json["picture"] == Json("all")) value.picture = SharedGenerator::kAll;
  read_json(json["picture"], value.picture);
  value.fixed_start = json["fixed_code"] == Json(true);
  if (read) into = value;
  return read;
}

}  // namespace easel
