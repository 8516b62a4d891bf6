#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "image/image.h"
#include "sd_fixture.h"

namespace easel::parity {

/// Which program drew a case.
enum class Dialect { kCompVis, kGenerativeModels, kDiffusers, kA1111 };

/// A run as a fixture's metadata tells it.
struct SdRun {
  std::filesystem::path file;  ///< "expected.safetensors"
  std::string name;            ///< of its tensors, "ddim"
  Dialect dialect = Dialect::kCompVis;
  std::string unsupported = {};  ///< why Easel cannot draw it, for the report
  std::string prompt = {};
  std::optional<std::string> negative = {};
  bool zero_negative = false;
  Image::Size size = {};
  int steps = 0;
  double scale = 1;
  std::vector<std::uint64_t> seeds = {};  ///< A1111: of each picture; else the run's one
  int iterations = 1;
  int samples = 1;  ///< pictures drawn together
  std::string sampler = {};
  std::string scheduler = {};  ///< A1111's schedule, or a class of diffusers
  Json config = {};            ///< of that class
  std::optional<double> eta = {};
  bool fixed_start = false;
  double rescale = 0;   ///< of guidance
  bool as_eps = false;  ///< v weights, read as if they predicted noise
  int clip_skip = 1;
  std::optional<std::uint64_t> seed_delta = {};  ///< "ENSD"
  bool quantized = false, discards = false, noise_multiplier = false;
  std::optional<double> strength = {};  ///< of a run from `init`
  std::string guidance_tensor = {};     ///< of an LCM: the weights of its guidance embedding
};

/// All runs of a fixture; those that Easel cannot draw say why.
std::vector<SdRun> runs_of(const SdFixture& fixture);

/// Draws it and compares the latents of all pictures, and the first picture where there is one.
/// Uses GoogleTest's assertions.
void compare_run(const SdFixture& fixture, const SdRun& run, const testing::BackendCase& which);

/// Draws it with matrices in 8 bits: what that costs the first picture, in decibels from the
/// expected latents' own.
void compare_eight_bits(const SdFixture& fixture, const SdRun& run,
                        const testing::BackendCase& which);

}  // namespace easel::parity
