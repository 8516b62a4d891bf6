#pragma once

#include <cstdint>
#include <string>

#include "backend/cpu/options.h"
#include "backend/specs.h"

namespace easel::cpu {

/// Whether Winograd's algorithm can compute it: 3x3, stride 1, one pixel of padding on every side.
bool winograd_runs(const Conv2dSpec& spec);

/// The algorithm for a convolution whose result has height x width pixels: from the measured table
/// algorithm_table.inc (which bench/tune writes) where it is there, else by a rule. It depends on
/// the layer, the size of the picture and the instruction set, never on batch, threads or time: the
/// same command gives the same bytes.
ConvAlgorithm choose_algorithm(const std::string& target, const Conv2dSpec& spec,
                               std::int64_t height, std::int64_t width);

}  // namespace easel::cpu
