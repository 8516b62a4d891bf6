#pragma once

#include <filesystem>
#include <memory>

#include "nn/tensor_ops.h"
#include "pipeline/families/ldm/ldm_config.h"
#include "support/backends.h"
#include "support/expected.h"
#include "support/tensors.h"
#include "weights/scope.h"
#include "weights/weights.h"

namespace easel::parity {

/// A latent-diffusion fixture: weights, configuration and what the original computed from them.
struct LdmFixture {
  explicit LdmFixture(const std::filesystem::path& where);

  bool has(const std::string& part) const { return weights.contains_prefix(part); }

  std::filesystem::path folder;
  std::filesystem::path file;  ///< of the weights
  Weights weights;
  LdmConfig config;
  testing::Expected expected;
};

/// Each network against its expected outputs, on one backend. They use GoogleTest's assertions.
void compare_text_encoder(const LdmFixture& fixture, const testing::BackendCase& which);
/// `name`.x, `name`.out and, where it is there, `name`.t; the first prompts' context.
void compare_unet(const LdmFixture& fixture, const std::string& name,
                  const testing::BackendCase& which);
void compare_decoder(const LdmFixture& fixture, const testing::BackendCase& which);
void compare_encoder(const LdmFixture& fixture, const testing::BackendCase& which);
/// Betas and products of alphas, to the bit.
void compare_schedule(const LdmFixture& fixture);

}  // namespace easel::parity
