#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/tensor_source.h"

namespace easel {

/// What a small change adds to one weight, seen as a matrix: a row an output, a column for each
/// input (and place of a convolution's kernel). Thread rule: const calls from several threads.
class Delta {
 public:
  virtual ~Delta() = default;
  /// out += strength * row of the change. out [columns].
  virtual void add_row(std::int64_t row, float strength, std::span<float> out) const = 0;
};

/// The tensors of a file that change one module, by what they are ("lora_down", "hada_w1_a").
using Factors = std::map<std::string, TensorSource, std::less<>>;

/// The kinds of LoRA (Hu et al. 2021; LoCon, LoHa and LoKr: Yeh et al. 2023, "LyCORIS"; DoRA: Liu
/// et al. 2024; whole differences) that change `base`, a weight of any rank. Null where the factors
/// are of none of them. Reads the factors, never the base. Throws kWrongModel when their shapes
/// make another weight than this one; `module` is for the message.
std::unique_ptr<Delta> make_delta(const Factors& factors, const TensorSource& base,
                                  std::string_view module);

}  // namespace easel
