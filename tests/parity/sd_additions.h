#pragma once

#include <memory>
#include <vector>

#include "form.h"
#include "sd_fixture.h"

namespace easel::parity {

/// What lies beside a Stable Diffusion model besides its networks and runs: a LoRA and an embedding
/// of its own, weighted prompts, the noise of samplers with a stochastic equation.
void add_sd_additions(std::vector<Case>& all, const std::shared_ptr<const SdFixture>& fixture);

}  // namespace easel::parity
