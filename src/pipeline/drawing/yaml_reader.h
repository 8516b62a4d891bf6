#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// The integers that a key may have, both ends included.
struct IntegerRange {
  std::int64_t least = 1;
  std::int64_t most = 1 << 16;
};

/// A place in a YAML file that knows its path, so that every complaint can name it. Values that
/// are absent or null take the fallback; values of another kind or out of range throw kInvalidFile.
class YamlReader {
 public:
  /// Parses. Throws kInvalidFile. `name` is for messages.
  static YamlReader parse(std::string_view text, std::string_view name);

  /// The map below `key`, empty when absent.
  YamlReader operator/(std::string_view key) const;

  /// The map in the list `key` at `index`, empty when there is none.
  YamlReader item(std::string_view key, std::size_t index) const;

  bool has(std::string_view key) const;
  std::int64_t integer(std::string_view key, std::int64_t fallback, IntegerRange range = {}) const;
  /// Throws kInvalidFile when absent.
  std::int64_t integer(std::string_view key, IntegerRange range = {}) const;
  double number(std::string_view key, double fallback) const;
  bool flag(std::string_view key, bool fallback) const;
  std::string text(std::string_view key, std::string_view fallback) const;
  /// A list of integers, or one integer as a list of one; at most 32 of them.
  std::vector<int> integers(std::string_view key, std::vector<int> fallback,
                            IntegerRange range = {}) const;

  /// "unet_config.params.num_heads in config.yaml"
  std::string where(std::string_view key) const;

 private:
  YamlReader(YAML::Node node, std::string name, std::string path);
  YAML::Node find(std::string_view key) const;

  YAML::Node node_;
  std::string name_;
  std::string path_;
};

}  // namespace easel
