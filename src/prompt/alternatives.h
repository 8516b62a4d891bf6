#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A list that wildcards name, "3::red" a line that is chosen three times as often. Choosing takes
/// no longer for a long list.
class WildcardList {
 public:
  /// Throws kUsage for a weight that is none.
  explicit WildcardList(const std::vector<std::string>& lines);

  /// Whether no line weighs anything.
  bool empty() const { return ends_.empty() || ends_.back() <= 0; }
  /// The line at this share of the whole weight. REQUIRES: not empty, 0 <= share < 1
  const std::string& at(double share) const;

 private:
  std::vector<std::string> lines_;  // without their weights
  std::vector<double> ends_;        // weights so far
};

/// The list that a wildcard names ("colour" of "__colour__"), which outlives the choosing. Throws
/// kNotFound for one that is not there.
using WildcardLists = std::function<const WildcardList&(std::string_view name)>;

/// A prompt of a template, each choice made by the seed alone: as the signs of AUTOMATIC1111's
/// dynamic prompts extension are read, whose random numbers are others.
///
///     {red|blue}                one of them
///     {3::red|blue}             red three times as often
///     {2$$red|blue|green}       two different ones, in random order: "green, red"
///     {1-2$$ and $$red|blue}    one or two, " and " between them
///     __colour__                a line of the list "colour"
///
/// Choices and lists hold such signs again. A bar divides the innermost braces, whatever other
/// brackets stand there; outside of braces it is text. "\{", "\|", "\}" and "\_" stand for the sign
/// itself, every other backslash for itself. "__" that begins no name is text.
///
/// Throws kUsage for a brace that nothing closes or opens, a weight or number that is none, choices
/// that all weigh nothing, more of them wanted than there are, lists that name each other without
/// end, and a prompt that grows beyond all measure; what `lists` throws.
std::string chosen(std::string_view prompt_template, std::uint64_t seed,
                   const WildcardLists& lists);

/// Whether a wildcard can have this name: ASCII letters, digits, '-', '_' and '/' between folders,
/// neither beginning nor ending in '_' or '/'.
bool is_wildcard_name(std::string_view name);

}  // namespace easel
