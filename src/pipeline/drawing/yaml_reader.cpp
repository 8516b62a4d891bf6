#include "pipeline/drawing/yaml_reader.h"

#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

// Keeps a hostile file's values out of messages at full length.
std::string shown_node(const YAML::Node& node) {
  if (node.IsMap()) return "a map";
  if (node.IsSequence()) return "a list";
  if (!node.IsScalar()) return "nothing";
  return fmt::format("'{}'", printable(node.Scalar()));
}

template <typename T>
T convert(const YAML::Node& node, const char* kind, const std::string& where) {
  T value{};
  if (!node.IsScalar() || !YAML::convert<T>::decode(node, value)) {
    fail(ErrorCode::kInvalidFile, "{} is {}, wanted {}", where, shown_node(node), kind);
  }
  return value;
}

std::int64_t checked_integer(const YAML::Node& node, IntegerRange range, const std::string& where) {
  const auto value = convert<std::int64_t>(node, "a whole number", where);
  if (value < range.least || value > range.most) {
    fail(ErrorCode::kInvalidFile, "{} is {}, wanted {} to {}", where, value, range.least,
         range.most);
  }
  return value;
}

}  // namespace

YamlReader::YamlReader(YAML::Node node, std::string name, std::string path)
    : node_(std::move(node)), name_(std::move(name)), path_(std::move(path)) {}

YamlReader YamlReader::parse(std::string_view text, std::string_view name) {
  try {
    return {YAML::Load(std::string(text)), std::string(name), ""};
  } catch (const YAML::Exception& error) {
    fail(ErrorCode::kInvalidFile, "{} is not YAML: {} in line {}", name, error.msg,
         error.mark.line + 1);
  }
}

YAML::Node YamlReader::find(std::string_view key) const {
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Null);
  const YAML::Node& node = node_;
  const YAML::Node found = node[std::string(key)];
  return found.IsDefined() ? found : YAML::Node(YAML::NodeType::Null);
}

std::string YamlReader::where(std::string_view key) const {
  return (path_.empty() ? std::string(key) : path_ + "." + std::string(key)) + " in " + name_;
}

YamlReader YamlReader::operator/(std::string_view key) const {
  const YAML::Node below = find(key);
  if (!below.IsNull() && !below.IsMap()) {
    fail(ErrorCode::kInvalidFile, "{} is {}, wanted a map", where(key), shown_node(below));
  }
  return {below, name_, path_.empty() ? std::string(key) : path_ + "." + std::string(key)};
}

YamlReader YamlReader::item(std::string_view key, std::size_t index) const {
  const YAML::Node list = find(key);
  const std::string path = fmt::format("{}{}{}[{}]", path_, path_.empty() ? "" : ".", key, index);
  if (!list.IsSequence() || index >= list.size()) {
    return {YAML::Node(YAML::NodeType::Null), name_, path};
  }
  const YAML::Node below = list[index];
  if (!below.IsMap()) {
    fail(ErrorCode::kInvalidFile, "{} in {} is {}, wanted a map", path, name_, shown_node(below));
  }
  return {below, name_, path};
}

bool YamlReader::has(std::string_view key) const { return !find(key).IsNull(); }

std::int64_t YamlReader::integer(std::string_view key, std::int64_t fallback,
                                 IntegerRange range) const {
  const YAML::Node node = find(key);
  return node.IsNull() ? fallback : checked_integer(node, range, where(key));
}

std::int64_t YamlReader::integer(std::string_view key, IntegerRange range) const {
  if (!has(key)) fail(ErrorCode::kInvalidFile, "{} is missing", where(key));
  return integer(key, 0, range);
}

double YamlReader::number(std::string_view key, double fallback) const {
  const YAML::Node node = find(key);
  if (node.IsNull()) return fallback;
  const auto value = convert<double>(node, "a number", where(key));
  if (!std::isfinite(value)) {
    fail(ErrorCode::kInvalidFile, "{} is {}, wanted a finite number", where(key), shown_node(node));
  }
  return value;
}

bool YamlReader::flag(std::string_view key, bool fallback) const {
  const YAML::Node node = find(key);
  return node.IsNull() ? fallback : convert<bool>(node, "true or false", where(key));
}

std::string YamlReader::text(std::string_view key, std::string_view fallback) const {
  const YAML::Node node = find(key);
  return node.IsNull() ? std::string(fallback) : convert<std::string>(node, "a word", where(key));
}

std::vector<int> YamlReader::integers(std::string_view key, std::vector<int> fallback,
                                      IntegerRange range) const {
  const YAML::Node node = find(key);
  if (node.IsNull()) return fallback;
  if (node.IsScalar()) return {static_cast<int>(checked_integer(node, range, where(key)))};
  if (!node.IsSequence() || node.size() > 32) {
    fail(ErrorCode::kInvalidFile, "{} is {}, wanted a list of at most 32 whole numbers", where(key),
         shown_node(node));
  }
  std::vector<int> values;
  for (const YAML::Node& item : node) {
    values.push_back(static_cast<int>(checked_integer(item, range, where(key))));
  }
  return values;
}

}  // namespace easel
