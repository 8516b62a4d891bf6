#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/families/stable_diffusion/sd_config.h"
#include "prompt/emphasis.h"
#include "sd_fixture.h"

namespace easel::parity {

// What a model makes of words against expected values. All use GoogleTest's assertions.

/// `tokens`, `tokens.l`, `tokens.g`: the ids of every prompt of the metadata, padding included.
void compare_tokens(const SdFixture& fixture);

/// Every prompt of the metadata, in plain syntax: what the denoiser attends to, the pooled vector
/// and, with the metadata's sizes, the vector that the denoiser is told.
void compare_encodings(const SdFixture& fixture, const testing::BackendCase& which);

/// `context.skipN`: as AUTOMATIC1111's clip skip N.
void compare_clip_skip(const SdFixture& fixture, int skip, const testing::BackendCase& which);

/// The first prompts' encodings against `wanted` [prompts, tokens, channels].
void compare_first_encodings(const SdFixture& fixture, const testing::FixtureTensor& wanted,
                             const testing::BackendCase& which);
/// Their pooled vectors against `wanted` [prompts, channels].
void compare_first_pooled(const SdFixture& fixture, const testing::FixtureTensor& wanted,
                          const testing::BackendCase& which);

/// One prompt in AUTOMATIC1111's syntax, and what it becomes.
struct ReadAsA1111 {
  std::string prompt;
  const testing::FixtureTensor& context;           ///< [1, 77 * chunks, channels]
  const testing::FixtureTensor* vector = nullptr;  ///< [1, channels], for a picture of `size`
  Image::Size size = {};
};
void compare_a1111_prompt(const SdFixture& fixture, const ReadAsA1111& read,
                          const testing::BackendCase& which);

/// A text encoder by itself, all its layers: what a fixture holds of its insides.
struct LoneReading {
  std::size_t encoder = 0;
  int skip = 0;  ///< layers at the end
  bool final_norm = true;
  Emphasis emphasis = Emphasis::kOriginal;
};
/// Texts that are read together, no schedules in them, as AUTOMATIC1111's conditioner is given
/// them; `wanted` [texts, 77 * chunks, channels].
void compare_conditioner(const SdFixture& fixture, const std::vector<std::string>& texts,
                         const LoneReading& reading, const testing::FixtureTensor& wanted,
                         const testing::BackendCase& which);
/// `context.l`, `context.g`, `context.last_layer`: every prompt of the metadata, in plain syntax.
void compare_lone_encoder(const SdFixture& fixture, const LoneReading& reading,
                          const std::string& name, const testing::BackendCase& which);

/// The numbers of the fixture's model, its configuration read.
SdConfig config_of(const SdFixture& fixture);

}  // namespace easel::parity
