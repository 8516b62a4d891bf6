#pragma once

#include <string>

#include "sd_fixture.h"

namespace easel::parity {

// Each network against its expected outputs, on one backend. They use GoogleTest's assertions.

/// Every prompt of the metadata: what the denoiser attends to, and the pooled vector where there is
/// one.
void compare_encodings(const SdFixture& fixture, const testing::BackendCase& which);
/// `context.skipN`: as AUTOMATIC1111's clip skip N.
void compare_clip_skip(const SdFixture& fixture, int skip, const testing::BackendCase& which);
/// `unet` on the first prompts, `unet.wide` at timestep 500 on the third, `unet.long` at the same
/// on a context of its own.
void compare_denoiser(const SdFixture& fixture, const std::string& name,
                      const testing::BackendCase& which);
/// The same against other values than the fixture's.
void compare_denoiser_to(const SdFixture& fixture, const std::string& name,
                         std::span<const float> wanted, const testing::BackendCase& which);
/// The first prompts' encodings against `wanted` [prompts, tokens, channels].
void compare_first_encodings(const SdFixture& fixture, const testing::FixtureTensor& wanted,
                             const testing::BackendCase& which);
/// What a denoiser makes of the fixture's `unet.x`, as planes.
std::vector<float> first_forward(const SdFixture& fixture, Backend& backend, const UNet& unet);
void compare_latents_to_picture(const SdFixture& fixture, const testing::BackendCase& which);
void compare_picture_to_latents(const SdFixture& fixture, const testing::BackendCase& which);

}  // namespace easel::parity
