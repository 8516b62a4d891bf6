#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A piece of a prompt and how much it counts.
struct WeightedText {
  std::string text;
  double weight = 1;
  friend bool operator==(const WeightedText&, const WeightedText&) = default;
};

/// The text and weight of the mark that a word "BREAK" becomes; A1111 knows it by both.
inline constexpr std::string_view kBreakText = "BREAK";
inline constexpr double kBreakWeight = -1;
inline bool is_break(const WeightedText& piece) {
  return piece.text == kBreakText && piece.weight == kBreakWeight;
}

/// AUTOMATIC1111's attention: "(x)" counts 1.1 times, "[x]" 1/1.1, "(x:1.3)" 1.3 times, nested ones
/// multiply; "\(" is a bracket itself; a bracket without its other half reaches to the end or is
/// text; neighbours of equal weight are one piece. Never empty. A BREAK within round brackets loses
/// its mark, as there. Takes time that grows with the text; throws kUsage when brackets nest deeper
/// than kMostBrackets.
std::vector<WeightedText> parse_attention(std::string_view prompt);

}  // namespace easel
