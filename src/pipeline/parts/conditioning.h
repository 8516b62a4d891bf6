#pragma once

#include <optional>
#include <vector>

#include "core/tensor.h"

namespace easel {

/// What a denoiser is told of prompts, a row a prompt. What a family has no use for is empty.
struct Conditioning {
  Tensor sequence;  ///< [prompts, tokens, channels]: attended to
  Tensor vector;    ///< [prompts, channels]: joins the timestep's embedding
};

/// What a denoiser is told in a run, each time it is asked.
struct Told {
  /// One of the texts that a step is led by.
  struct Part {
    int context = 0;
    float weight = 1;
  };
  struct Step {
    std::optional<int> negative;  ///< what to move away from; without it there is no guidance
    std::vector<Part> parts;      ///< what to move to; several need a negative
  };
  std::vector<Conditioning> contexts;  ///< of one row each, of any lengths
  std::vector<Step> steps;             ///< in order of asking; the last goes on to the end

  const Step& at(int call) const {
    const auto index = static_cast<std::size_t>(call);
    return index < steps.size() ? steps[index] : steps.back();
  }
};

}  // namespace easel
