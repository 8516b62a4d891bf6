#pragma once

#include <string>

#include "weights/weights.h"

namespace easel {

/// What a file of no family is, by a name that only such files hold: "a ControlNet". Never throws:
/// what nobody knows is "a file of 12 tensors ('a', 'b', …)".
std::string name_by_signs(const Weights& weights);

}  // namespace easel
