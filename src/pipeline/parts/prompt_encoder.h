#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "pipeline/parts/conditioning.h"
#include "pipeline/parts/model_part.h"

namespace easel {

/// Prompts to what the denoiser is told of them. Remembers the prompts of before, so that only new
/// ones need its weights.
class PromptEncoder : public ModelPart {
 public:
  /// Whether all these prompts are remembered: prepare() then has nothing to do.
  virtual bool remembers(std::span<const std::string> prompts) = 0;
  /// Encodes what is not remembered, all in one pass.
  virtual void prepare(std::span<const std::string> prompts) = 0;
  /// A row a prompt. REQUIRES: prepare() was called with them last.
  virtual Conditioning conditioning(std::span<const std::string> prompts) = 0;
  /// Word pieces at the end of a prompt that the model does not read.
  virtual int dropped(const std::string& prompt) const = 0;
  /// Bytes of activations when so many prompts are encoded.
  virtual std::int64_t activations(int prompts) const = 0;
};

}  // namespace easel
