#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace easel {

/// How weights work on what a text encoder makes of a prompt: A1111's names and meanings.
enum class Emphasis {
  kOriginal,  ///< rows times weights, then all rescaled so that their mean is what it was
  kNoNorm,    ///< rows times weights
  kIgnore,    ///< brackets are read and count nothing
  kNone,      ///< brackets are text
};
/// "Original", "No norm", "Ignore", "None", in any case, with a space or a hyphen; nothing for
/// another name.
std::optional<Emphasis> emphasis_named(std::string_view name);
std::string_view name_of(Emphasis emphasis);

/// Weighs `rows` [weights.size(), width] in place: the chunks of the same place of a batch,
/// together. kOriginal leaves the scale where no finite one restores the mean. REQUIRES:
/// rows.size() is a multiple of weights.size()
void emphasize(std::span<float> rows, std::span<const float> weights, Emphasis emphasis);

}  // namespace easel
