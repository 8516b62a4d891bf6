#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace easel {

/// %XX decoded; nothing for broken escapes, NUL bytes and text that is not UTF-8. `plus_is_space`
/// for query strings.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
/// A request target in origin form ("/a?b=c"); nothing for any other, or a broken one.
std::optional<Target> parse_target(std::string_view target);

}  // namespace easel
