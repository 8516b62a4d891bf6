#include "image/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/json.h"
#include "image/schedules.h"
#include "image/text.h"

namespace easel {
namespace {

constexpr std::string_view kNegative = "Negative prompt:";

using Field = std::pair<std::string, std::string>;

std::string_view stripped(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string json_quoted(std::string_view value) { return Json(value).dump(); }

// AUTOMATIC1111's quote().
std::string quoted(std::string_view value) {
  const bool plain = value.find_first_of(",:\n") == std::string_view::npos;
  return plain ? std::string(value) : json_quoted(value);
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  const auto json = Json::try_parse(value).value_or(nullptr);
  return json.is_string() ? json.get<std::string>() : std::string(value);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// What AUTOMATIC1111's pattern takes for a key: \w[\w \-/]+
bool is_key(std::string_view key) {
  return key.size() >= 2 && is_word(key[0]) && std::ranges::all_of(key, [](char c) {
           return is_word(c) || c == ' ' || c == '-' || c == '/';
         });
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
std::vector<Field> fields_of(std::string_view line) {
  std::vector<Field> fields;
  while (!line.empty()) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) break;
    const auto comma = line.substr(0, colon).rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    const auto key = stripped(line.substr(begin, colon - begin));
    line.remove_prefix(colon + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::size_t end = end_of_value(line);
    if (is_key(key)) fields.emplace_back(key, unquoted(stripped(line.substr(0, end))));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return fields;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

// True when the number was understood and taken.
template <typename Number>
bool take(std::optional<Number>& into, std::string_view text) {
  const auto number = number_of<Number>(text);
  if (number) into = number;
  return number.has_value();
}

bool take_size(Settings& settings, std::string_view text) {
  const auto cross = text.find('x');
  if (cross == std::string_view::npos) return false;
  const auto width = number_of<int>(text.substr(0, cross));
  const auto height = number_of<int>(text.substr(cross + 1));
  if (!width || !height) return false;
  settings.width = width;
  settings.height = height;
  return true;
}

bool take_text(std::string& into, std::string_view text) {
  into = text;
  return true;
}

// torch's CPU generator is what AUTOMATIC1111 calls CPU.
std::string rng_of(std::string_view name) {
  return name == "CPU" ? "torch-cpu" : std::string(name);
}

bool take_field(Settings& settings, const Field& field) {
  const auto& [key, value] = field;
  if (key == "Steps") return take(settings.steps, value);
  if (key == "Sampler") return take_text(settings.sampler, value);
  if (key == "CFG scale") return take(settings.scale, value);
  if (key == "Seed") return take(settings.seed, value);
  if (key == "Size") return take_size(settings, value);
  if (key == "Model hash") return take_text(settings.model_sha256, value);
  if (key == "Model") return take_text(settings.model, value);
  if (key == "Eta") return take(settings.eta, value);
  if (key == "RNG") return take_text(settings.rng, rng_of(value));
  if (key == "Precision") return take_text(settings.precision, value);
  if (key == "Version") return take_text(settings.version, value);
  return false;
}

// "Schedule type" says which of a sampler's schedules; one that no name of a sampler's says stays
// among the other fields.
void take_schedule(Settings& settings) {
  const auto field = std::ranges::find_if(
      settings.extra, [](const Field& other) { return other.first == "Schedule type"; });
  if (field == settings.extra.end()) return;
  const std::string both = sampler_with_schedule(settings.sampler, field->second);
  const bool is_said = field->second == "Automatic" || both != settings.sampler ||
                       both.ends_with(" " + field->second);
  settings.sampler = both;
  if (is_said) settings.extra.erase(field);
}

void append_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace

std::string to_parameters(const Settings& settings) {
  std::string line;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    line += fmt::format("{}{}: {}", line.empty() ? "" : ", ", key, quoted(value));
  };
  const auto add_number = [&](std::string_view key, const auto& value) {
    if (value) add(key, fmt::format("{}", *value));
  };
  add_number("Steps", settings.steps);
  add("Sampler", settings.sampler);
  add_number("CFG scale", settings.scale);
  add_number("Seed", settings.seed);
  if (settings.width && settings.height) {
    add("Size", fmt::format("{}x{}", *settings.width, *settings.height));
  }
  add("Model hash", std::string_view(settings.model_sha256).substr(0, 10));
  add("Model", settings.model);
  add_number("Eta", settings.eta);
  add("RNG", settings.rng == "torch-cpu" ? "CPU" : settings.rng);
  add("Precision", settings.precision);
  for (const auto& [key, value] : settings.extra) {
    if (is_key(key)) add(key, value);
  }
  add("Version", settings.version);

  std::string text = settings.prompt;
  if (!settings.negative.empty()) text += fmt::format("\n{} {}", kNegative, settings.negative);
  if (!line.empty()) text += fmt::format("\n{}", line);
  return text;
}

// As AUTOMATIC1111's parse_generation_parameters: a last line of fewer than three pairs is prompt.
Settings from_parameters(std::string_view text) {
  Settings settings;
  text = stripped(text);
  const auto last_break = text.rfind('\n');
  const std::size_t last = last_break == std::string_view::npos ? 0 : last_break + 1;
  const auto fields = fields_of(text.substr(last));
  const bool has_fields = fields.size() >= 3;
  if (has_fields) {
    text = text.substr(0, last);
    for (const auto& field : fields) {
      if (!take_field(settings, field)) settings.extra.push_back(field);
    }
    take_schedule(settings);
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
    append_line(in_negative ? settings.negative : settings.prompt, line);
  }
  settings.prompt = std::string(stripped(settings.prompt));
  settings.negative = std::string(stripped(settings.negative));
  return settings;
}

ImageMetadata metadata_of(const Settings& settings) {
  return {.icc = {}, .parameters = valid_utf8(to_parameters(settings)), .easel = to_json(settings)};
}

std::optional<Settings> settings_of(const ImageMetadata& metadata) {
  if (!metadata.easel.empty()) {
    try {
      return from_json(metadata.easel);
    } catch (const Error&) {
      // A record that another program broke: the text may still be there.
    }
  }
  if (metadata.parameters.empty()) return std::nullopt;
  return from_parameters(metadata.parameters);
}

}  // namespace easel
