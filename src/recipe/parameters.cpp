#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/json.h"
#include "core/utf8.h"
#include "recipe/forms.h"
#include "recipe/pairs.h"

namespace easel {
namespace {

constexpr std::string_view kNegative = "Negative prompt:";

constexpr std::string_view kVersion = "Version";

std::string_view stripped(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// AUTOMATIC1111's quote().
std::string quoted(std::string_view value) {
  const bool plain = value.find_first_of(",:\n") == std::string_view::npos;
  return plain ? std::string(value) : Json(value).dump();
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  const auto json = Json::try_parse(value);
  return json && json->is_string() ? json->text() : std::string(value);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// A value in quotes ends at its closing quote, another at the comma.
std::size_t end_of_value(std::string_view text) {
  if (text.starts_with('"')) {
    std::size_t i = 1;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    const std::size_t after = i + 1;
    if (after == text.size() || (after < text.size() && text[after] == ',')) return after;
  }
  return std::min(text.find(','), text.size());
}

// "Steps: 25, Sampler: DDIM, …"; what is no pair is passed over.
std::vector<Provenance::Pair> pairs_in(std::string_view line) {
  std::vector<Provenance::Pair> pairs;
  while (!line.empty()) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) break;
    const auto comma = line.substr(0, colon).rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    const auto key = stripped(line.substr(begin, colon - begin));
    line.remove_prefix(colon + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::size_t end = end_of_value(line);
    if (is_key(key)) pairs.emplace_back(key, unquoted(stripped(line.substr(0, end))));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return pairs;
}

// Where the line of settings begins, and its pairs; then one for each line after it.
struct Settings {
  std::size_t begin = 0;
  std::vector<Provenance::Pair> pairs = {};
};

Settings settings_in(std::string_view text) {
  const auto last_break = text.rfind('\n');
  const std::size_t last = last_break == std::string_view::npos ? 0 : last_break + 1;
  Settings found{last, pairs_in(text.substr(last))};
  const auto earlier = text.rfind("\nSteps: ");
  if (found.pairs.size() >= 3 || earlier == std::string_view::npos) return found;
  const std::size_t begin = earlier + 1, end = text.find('\n', begin);
  std::vector<Provenance::Pair> pairs = pairs_in(text.substr(begin, end - begin));
  if (pairs.size() < 3 || end == std::string_view::npos) return found;
  for (std::string_view rest = text.substr(end + 1); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_key(stripped(line.substr(0, colon)))) return found;
    pairs.emplace_back(stripped(line.substr(0, colon)), stripped(line.substr(colon + 1)));
  }
  return {begin, std::move(pairs)};
}

void take_version(std::vector<Provenance::Pair>& pairs, std::string& version) {
  std::erase_if(pairs, [&](const Provenance::Pair& pair) {
    if (pair.first != kVersion) return false;
    version = pair.second;
    return true;
  });
}

void append_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace

// What AUTOMATIC1111's pattern takes for a key: \w[\w \-/]+
bool is_key(std::string_view key) {
  return key.size() >= 2 && is_word(key[0]) && std::ranges::all_of(key, [](char c) {
           return is_word(c) || c == ' ' || c == '-' || c == '/';
         });
}

std::string to_parameters(const Provenance& provenance) {
  const Recipe& recipe = provenance.recipe;
  std::string line;
  const auto add = [&](std::string_view key, std::string_view value) {
    line += fmt::format("{}{}: {}", line.empty() ? "" : ", ", key, quoted(value));
  };
  for (const PlacedPair& pair : pairs_of(recipe)) add(pair.key, pair.value);
  for (const auto& [key, value] : provenance.others) {
    if (is_key(key) && !value.empty()) add(key, value);
  }
  if (!provenance.version.empty()) add(kVersion, provenance.version);

  std::string text = recipe.prompt;
  if (!recipe.negative.empty()) text += fmt::format("\n{} {}", kNegative, recipe.negative);
  if (!line.empty()) text += fmt::format("\n{}", line);
  return text;
}

// As AUTOMATIC1111's parse_generation_parameters: a last line of fewer than three pairs is prompt,
// unless extensions added lines of their own after the settings.
Provenance parse_parameters(std::string_view text) {
  Provenance provenance;
  Recipe& recipe = provenance.recipe;
  text = stripped(text);
  auto [last, pairs] = settings_in(text);
  if (pairs.size() >= 3) {
    text = text.substr(0, last);
    join_schedule(pairs);
    take_pairs(pairs, recipe);
    take_version(pairs, provenance.version);
    provenance.others = std::move(pairs);
  }
  bool in_negative = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = stripped(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(kNegative)) {
      in_negative = true;
      line = stripped(line.substr(kNegative.size()));
    }
    append_line(in_negative ? recipe.negative : recipe.prompt, line);
  }
  recipe.prompt = std::string(stripped(recipe.prompt));
  recipe.negative = std::string(stripped(recipe.negative));
  mend(recipe);
  return provenance;
}

ImageMetadata metadata_of(const Provenance& provenance) {
  return {.icc = {},
          .parameters = valid_utf8(to_parameters(provenance)),
          .easel = to_record(provenance)};
}

}  // namespace easel
