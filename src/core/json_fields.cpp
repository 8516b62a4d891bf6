#include "core/json_fields.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace easel {
namespace {

constexpr std::size_t kShownBytes = 100;
constexpr std::uint64_t kWholeInDouble = (std::uint64_t{1} << 53) - 1;

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> whole(const Json& value, bool from_text) {
  if (value.is_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_integer()) return value.get<std::int64_t>();
  if (value.is_real()) {  // 20.0 is a whole number too
    const double number = value.get<double>();
    if (number == std::trunc(number) && std::abs(number) <= static_cast<double>(kWholeInDouble)) {
      return static_cast<std::int64_t>(number);
    }
  }
  if (value.is_string() && from_text) {
    return number_in<std::int64_t>(value.text());
  }
  return std::nullopt;
}

std::optional<double> real(const Json& value, bool from_text) {
  std::optional<double> number;
  if (value.is_number()) number = value.get<double>();
  if (value.is_string() && from_text) {
    number = number_in<double>(value.text());
  }
  if (number && !std::isfinite(*number)) return std::nullopt;
  return number;
}

std::string shortest(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

// Cuts at a character's border.
std::string cut(std::string text) {
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

bool has_control_characters(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f) return true;
  }
  return false;
}

}  // namespace

void refuse_field(Fault fault) { throw FaultsError({std::move(fault)}); }

Json cut_short(const Json& value) {
  if (value.is_string()) return cut(value.get<std::string>());
  if (value.is_array() || value.is_object()) return cut(value.dump());
  return value;
}

std::string shown(const Json& value) { return cut(value.dump()); }

std::optional<std::uint64_t> seed_of(const Json& value) {
  if (value.is_unsigned()) return value.get<std::uint64_t>();
  if (value.is_integer() && value.get<std::int64_t>() >= 0) {
    return static_cast<std::uint64_t>(value.get<std::int64_t>());
  }
  if (value.is_real()) {  // 42.0, as some programs write every number
    const double number = value.get<double>();
    if (number < 0 || number > static_cast<double>(kWholeInDouble) ||
        number != std::trunc(number)) {
      return std::nullopt;
    }
    return static_cast<std::uint64_t>(number);
  }
  if (value.is_string()) {
    const std::string& text = value.text();
    if (text.find_first_not_of("0123456789") == std::string::npos) {
      return number_in<std::uint64_t>(text);
    }
  }
  return std::nullopt;
}

Json seed_json(std::uint64_t seed) {
  if (seed <= kWholeInDouble) return seed;
  return std::to_string(seed);
}

Fields::Fields(const Json& object, Rules rules, std::string prefix)
    : object_(object), rules_(rules), prefix_(std::move(prefix)) {}

const Json& Fields::raw(std::string_view name) {
  known_.emplace(name);
  return object_[name];
}

bool Fields::has(std::string_view name) { return !raw(name).is_null(); }

void Fields::fault(std::string_view name, const std::string& allowed, const std::string& detail) {
  const Json& value = raw(name);
  std::string field = prefix_ + std::string(name);
  std::string line = field + " " + detail;
  faults_.push_back({std::move(field), value, allowed, std::move(line)});
}

std::string Fields::text(std::string_view name, const std::string& fallback, TextRange range) {
  const Json& value = raw(name);
  if (value.is_null()) {
    if (range.least > 0 && fallback.size() < range.least) {
      fault(name, "a text", "is missing");
    }
    return fallback;
  }
  const std::string allowed =
      "a text of " + std::to_string(range.least) + " to " + std::to_string(range.most) + " bytes";
  if (!value.is_string()) {
    fault(name, allowed, std::string("is ") + value.type_name() + ", not a text");
    return fallback;
  }
  std::string text = value.get<std::string>();
  if (text.size() < range.least || text.size() > range.most) {
    fault(name, allowed, "has " + std::to_string(text.size()) + " bytes, wanted is " + allowed);
    return fallback;
  }
  if (has_control_characters(text)) {
    fault(name, "a text without control characters", "has control characters");
    return fallback;
  }
  return text;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                             std::int64_t most) {
  const Json& value = raw(name);
  if (value.is_null()) return fallback;
  const auto number = whole(value, rules_.from_text);
  if (number && *number >= least && *number <= most) return *number;
  const std::string allowed = std::to_string(least) + " to " + std::to_string(most);
  fault(name, allowed, "is " + shown(value) + ", wanted is a whole number from " + allowed);
  return fallback;
}

double Fields::number(std::string_view name, double fallback, double least, double most) {
  const Json& value = raw(name);
  if (value.is_null()) return fallback;
  const auto number = real(value, rules_.from_text);
  if (number && *number >= least && *number <= most) return *number;
  const std::string allowed = shortest(least) + " to " + shortest(most);
  fault(name, allowed, "is " + shown(value) + ", wanted is a number from " + allowed);
  return fallback;
}

bool Fields::flag(std::string_view name, bool fallback) {
  const Json& value = raw(name);
  if (value.is_null()) return fallback;
  if (value.is_boolean()) return value.get<bool>();
  if (rules_.from_text && (value == "true" || value == "1")) return true;
  if (rules_.from_text && (value == "false" || value == "0")) return false;
  fault(name, "true or false", "is " + shown(value) + ", wanted is true or false");
  return fallback;
}

std::optional<std::uint64_t> Fields::seed(std::string_view name) {
  const Json& value = raw(name);
  if (value.is_null()) return std::nullopt;
  const auto seed = seed_of(value);
  if (!seed) {
    fault(name, "0 to 18446744073709551615",
          "is " + shown(value) + ", wanted is a whole number from 0 to 2^64 - 1");
  }
  return seed;
}

void Fields::take_faults(Fields& other) {
  if (other.rules_.refuse_unknown && other.object_.is_object()) {
    for (const auto& [name, value] : other.object_.items()) {
      if (!other.known_.contains(name)) other.fault(name, "no such field", "is no known field");
    }
  }
  for (Fault& fault : other.faults_) faults_.push_back(std::move(fault));
  other.faults_.clear();
}

void Fields::finish() {
  Fields all({}, {.refuse_unknown = false, .from_text = false});
  all.take_faults(*this);
  if (!all.faults_.empty()) throw FaultsError(std::move(all.faults_));
}

}  // namespace easel
