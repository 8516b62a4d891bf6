#include "recipe/readers/told.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/utf8.h"
#include "recipe/pairs.h"

namespace easel::readers {
namespace {

constexpr std::size_t kMostPairs = 512;
constexpr std::size_t kMostValue = 4096;

// Names of k-diffusion's functions, and what AUTOMATIC1111 calls them.
constexpr Renamed kSamplers[] = {
    {"euler", "Euler"},
    {"euler_a", "Euler a"},
    {"euler_ancestral", "Euler a"},
    {"heun", "Heun"},
    {"lms", "LMS"},
    {"lcm", "LCM"},
    {"ddim", "DDIM"},
    {"plms", "PLMS"},
    {"pndm", "PLMS"},
    {"unipc", "UniPC"},
    {"uni_pc", "UniPC"},
    {"uni_pc_bh2", "UniPC"},
    {"dpm_2", "DPM2"},
    {"dpm_2_ancestral", "DPM2 a"},
    {"dpm_fast", "DPM fast"},
    {"dpm_adaptive", "DPM adaptive"},
    {"dpmpp_2", "DPM++ 2M"},
    {"dpmpp_2m", "DPM++ 2M"},
    {"dpmpp_2s", "DPM++ 2S a"},
    {"dpmpp_2s_ancestral", "DPM++ 2S a"},
    {"dpmpp_sde", "DPM++ SDE"},
    {"dpmpp_2m_sde", "DPM++ 2M SDE"},
    {"dpmpp_2m_sde_heun", "DPM++ 2M SDE Heun"},
    {"dpmpp_3m_sde", "DPM++ 3M SDE"},
};

std::string sampler_named(std::string_view name) {
  std::string_view plain = name;
  if (plain.starts_with("k_")) plain.remove_prefix(2);
  if (plain.ends_with("_gpu")) plain.remove_suffix(4);
  const auto* found = std::ranges::find(kSamplers, plain, &Renamed::theirs);
  return std::string(found == std::end(kSamplers) ? name : found->ours);
}

// At most so long, and whole letters.
std::string cut(std::string_view text) {
  if (text.size() <= kMostValue) return valid_utf8(text);
  std::size_t end = kMostValue;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return valid_utf8(text.substr(0, end)) + "\u2026";
}

std::string fit_key(std::string_view key) {
  std::string fit;
  for (const char c : valid_utf8(key)) {
    const std::string letter = std::string("aa") + c;
    fit += is_key(letter) ? c : ' ';
  }
  const auto first = fit.find_first_not_of(" -/");
  fit = first == std::string::npos ? "" : fit.substr(first, fit.find_last_not_of(' ') - first + 1);
  return is_key(fit) ? fit : "setting " + fit;
}

// Python's json writes these where JSON has nothing; only outside of texts.
std::string without_nans(std::string_view text) {
  constexpr std::string_view kWords[] = {"-Infinity", "Infinity", "NaN"};
  std::string out;
  out.reserve(text.size());
  bool in_text = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto* word = std::ranges::find_if(
        kWords, [&](std::string_view known) { return text.substr(i).starts_with(known); });
    if (!in_text && word != std::end(kWords)) {
      out += "null";
      i += word->size();
      continue;
    }
    if (in_text && text[i] == '\\' && i + 1 < text.size())
      out += text[i++];
    else if (text[i] == '"')
      in_text = !in_text;
    out += text[i++];
  }
  return out;
}

}  // namespace

void Told::add(std::string_view key, std::string_view value) {
  if (value.empty() || pairs.size() >= kMostPairs) return;
  pairs.emplace_back(fit_key(key), cut(value));
}

void Told::add_json(std::string_view key, const Json& value) { add(key, text_of(value)); }

void Told::add_sampler(std::string_view name, std::string_view schedule) {
  add("Sampler", sampler_named(name));
  // The plain spacing of k-diffusion, which no sampler's name says.
  if (schedule != "normal" && schedule != "native") add("Schedule type", schedule);
}

void Told::add_size(const Json& width, const Json& height) {
  const std::string across = text_of(width), down = text_of(height);
  if (!across.empty() && !down.empty()) add("Size", across + "x" + down);
}

void Told::add_model(std::string_view file) {
  file = file.substr(file.find_last_of("/\\") + 1);
  for (const std::string_view ending : {".safetensors", ".ckpt", ".pth", ".pt", ".gguf"}) {
    if (file.ends_with(ending)) file.remove_suffix(ending.size());
  }
  add("Model", file);
}

Provenance provenance_of(Told told) {
  Provenance provenance;
  provenance.recipe.prompt = std::move(told.prompt);
  provenance.recipe.negative = std::move(told.negative);
  provenance.version = std::move(told.version);
  join_schedule(told.pairs);
  take_pairs(told.pairs, provenance.recipe);
  provenance.others = std::move(told.pairs);
  return provenance;
}

void add_members(Told& told, const Json& object, std::span<const Renamed> names) {
  for (const auto& [key, value] : object.items()) {
    const auto known = std::ranges::find(names, std::string_view(key), &Renamed::theirs);
    if (known == names.end()) {
      told.add_json(key, value);
    } else if (!known->ours.empty()) {
      told.add_json(known->ours, value);
    }
  }
}

std::optional<Json> json_in(std::string_view text) {
  const JsonRules rules{.depth = 64, .duplicates = true};
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) {
    return std::nullopt;
  }
  if (auto json = Json::try_parse(text, rules)) return json;
  return Json::try_parse(without_nans(text), rules);
}

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.text() : value.dump();
}

std::string text_of(const Json& object, std::string_view key) { return text_of(object[key]); }

const std::string* text_named(const ImageMetadata& metadata, std::string_view key) {
  const auto found = std::ranges::find(metadata.texts, key, &NamedText::key);
  return found == metadata.texts.end() ? nullptr : &found->text;
}

}  // namespace easel::readers
