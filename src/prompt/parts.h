#pragma once

#include <string_view>
#include <vector>

#include "prompt/attention.h"

namespace easel {

/// A prompt's parts between the words AND, each with the weight that ":1.2" at its end gives it,
/// else 1: "a cat :1.2 AND a dog" guides towards both. Never empty.
std::vector<WeightedText> split_parts(std::string_view prompt);

}  // namespace easel
