#include "pipeline/drawing/json_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "core/printable.h"

namespace easel {
namespace {

constexpr std::uintmax_t kMostBytes = 1 << 20;

// What a value is, for a message.
std::string shown(const Json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  if (value.is_string()) return fmt::format("'{}'", printable(value.text()));
  return value.dump();
}

// The key of the outermost object whose value holds lists or objects in more levels than any of
// these files needs; nothing where there is none.
std::optional<std::string> key_of_deep_value(std::string_view json) {
  constexpr int kMostLevels = 64;
  int level = 0;
  std::string key, text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') {
      const std::size_t begin = i + 1;
      for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\' ? 1 : 0;
      if (level == 1) text = json.substr(begin, std::min(i, json.size()) - begin);
    } else if (json[i] == '[' || json[i] == '{') {
      if (++level == 2) key = text;
      if (level > kMostLevels) return key;
    } else if (json[i] == ']' || json[i] == '}') {
      --level;
    }
  }
  return std::nullopt;
}

}  // namespace

JsonFile::JsonFile(std::filesystem::path file) : file_(std::move(file)) {
  std::error_code error;
  if (!std::filesystem::exists(file_, error)) return;
  if (std::filesystem::file_size(file_, error) > kMostBytes) {
    fail(ErrorCode::kInvalidFile, "'{}' is larger than {} bytes", file_.string(), kMostBytes);
  }
  std::ifstream stream(file_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (const auto key = key_of_deep_value(text)) {
    fail(ErrorCode::kInvalidFile, "'{}' in '{}' is nested too deeply", printable(*key),
         file_.string());
  }
  json_ = Json::try_parse(text).value_or(nullptr);
  if (!json_.is_object()) {
    fail(ErrorCode::kInvalidFile, "'{}' is not a JSON object", file_.string());
  }
}

bool JsonFile::has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }

void JsonFile::refuse_kind(const char* key) const {
  fail(ErrorCode::kInvalidFile, "'{}' in '{}' is of the wrong kind", key, file_.string());
}

void JsonFile::require_json(const char* key, const Json& wanted) const {
  if (!has(key) || json_[key] == wanted) return;
  fail(ErrorCode::kUnsupported, "'{}' in '{}' is {}, and only {} is built", key, file_.string(),
       shown(json_[key]), wanted.dump());
}

int size_in_range(std::int64_t value, std::int64_t most, const char* key) {
  if (value < 1 || value > most) {
    fail(ErrorCode::kInvalidFile, "'{}' is {}, wanted 1 to {}", key, value, most);
  }
  return static_cast<int>(value);
}

}  // namespace easel
