#pragma once

#include <cstdint>
#include <string>

#include "backend/backend.h"

namespace easel::cpu {

enum class ConvAlgorithm { kDirect, kWinograd4 };

std::string name_of(ConvAlgorithm algorithm);

/// The algorithm for a convolution whose result has height x width pixels. It depends on the layer,
/// the size of the picture and the instruction set, never on batch, threads or time: the same
/// command gives the same bytes.
ConvAlgorithm choose_algorithm(const std::string& target, const Conv2dSpec& spec,
                               std::int64_t height, std::int64_t width);

}  // namespace easel::cpu
