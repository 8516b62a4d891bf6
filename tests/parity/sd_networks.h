#pragma once

#include <string>

#include "sd_fixture.h"

namespace easel::parity {

// Each network against its expected outputs, on one backend. They use GoogleTest's assertions.

/// NAME.x, .t, .context, .y -> NAME.out. What is not there: of `unet` the first prompts; of others
/// the third one, timestep 500, unet.wide.x.
void compare_denoiser(const SdFixture& fixture, const std::string& name,
                      const testing::BackendCase& which);
/// The same against other values than the fixture's.
void compare_denoiser_to(const SdFixture& fixture, const std::string& name,
                         std::span<const float> wanted, const testing::BackendCase& which);
/// What a denoiser makes of the fixture's `unet.x`, as planes.
std::vector<float> first_forward(const SdFixture& fixture, Backend& backend, const UNet& unet);
/// How a denoiser that was distilled with guidance is told its scale.
struct GuidanceOfDenoiser {
  std::string weights;  ///< their tensor in `expected`
  double scale = 1;
};
/// `lcm.unet.out`: `unet.wide` with these weights, and the embedding of the scale itself.
void compare_guided_denoiser(const SdFixture& fixture, const GuidanceOfDenoiser& guidance,
                             const testing::BackendCase& which);
/// `v_probe`: on what it is decided whether a denoiser predicts v.
void compare_probe(const SdFixture& fixture, const testing::BackendCase& which);
void compare_latents_to_picture(const SdFixture& fixture, const testing::BackendCase& which);
void compare_picture_to_latents(const SdFixture& fixture, const testing::BackendCase& which);

}  // namespace easel::parity
