#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/json.h"

namespace easel {

/// One of the JSON files of a Hugging Face folder, an object; an absent file is an empty one.
/// Every complaint names the key and the file.
class JsonFile {
 public:
  /// Throws kInvalidFile for a file of more than 1 MiB, nested too deeply or no object.
  explicit JsonFile(std::filesystem::path file);

  const std::filesystem::path& path() const { return file_; }
  const Json& json() const { return json_; }
  /// Whether the key is there and not null.
  bool has(const char* key) const;

  /// Throws kInvalidFile for a value of another kind.
  template <typename T>
  std::optional<T> get(const char* key) const {
    if (!has(key)) return std::nullopt;
    try {
      return json_[key].get<T>();
    } catch (const Error&) {
      refuse_kind(key);
    }
  }

  /// Throws kUnsupported when the key is there with another value.
  template <typename T>
  void require(const char* key, const T& wanted) const {
    require_json(key, Json(wanted));
  }

 private:
  [[noreturn]] void refuse_kind(const char* key) const;
  void require_json(const char* key, const Json& wanted) const;

  std::filesystem::path file_;
  Json json_ = Json::object();
};

/// `value` as a whole number of 1 to `most`. Throws kInvalidFile.
int size_in_range(std::int64_t value, std::int64_t most, const char* key);

}  // namespace easel
