#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "weights/weights.h"

namespace easel {

struct NamedShape {
  std::string name;
  Shape shape;
};

/// Made-up weights for tests and benchmarks, computed when they are read: they take no memory, and
/// any range of them is the same whenever and however it is read. Well scaled, so that a network of
/// them stays finite: spread 0.8 / sqrt(fan-in), vectors near 1 (`weight`) or near 0 (others).
/// `dtype` is what they pretend to be stored as; halves are rounded to it.
TensorSource make_random_source(const NamedShape& tensor, std::uint64_t seed,
                                DType dtype = DType::kF32);

/// A directory of such tensors.
Weights make_random_weights(std::span<const NamedShape> tensors, std::uint64_t seed,
                            DType dtype = DType::kF32);

}  // namespace easel
