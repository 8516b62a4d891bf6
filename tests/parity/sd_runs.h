#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "diffusion/plan.h"
#include "image/image.h"
#include "sd_fixture.h"

namespace easel::parity {

/// Which program drew a case.
enum class Dialect { kCompVis, kGenerativeModels, kDiffusers, kA1111 };

/// What a run is given besides words. Pictures are files of the fixture's folder, the others
/// tensors of the run's file; what is empty is not given.
struct SdGiven {
  std::string picture = {};  ///< encoded by the script, the posterior sampled
  std::string mask = {};     ///< of a network that sees it beside the latents, white: repainted
  std::string latents = {};  ///< of a picture
  std::string keep = {};     ///< what stays of the picture, 1: all
  std::string first = {};    ///< what a first pass ends at, and the run begins at
  std::optional<double> strength = {};           ///< of a run that begins at the picture
  std::optional<std::uint32_t> numpy_seed = {};  ///< of the start noise, by numpy
};

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
  SdGiven given = {};
  std::string guidance_tensor = {};  ///< of an LCM: the weights of its guidance embedding
};

/// All runs of a fixture; those that Easel cannot draw say why.
std::vector<SdRun> runs_of(const SdFixture& fixture);

/// Draws it as its program did. Compares what it makes on its way where the fixture has it, by
/// GoogleTest's assertions. Latents [n, C, h, w].
struct DrawnRun {
  std::vector<float> latents;
  Plan plan;                               ///< of the last pass
  std::vector<std::vector<float>> states;  ///< the last batch's latents after each step
};
DrawnRun draw_run(DiffusionParts& parts, const SdFixture& fixture, const SdRun& run);

/// The largest difference, of the largest value: latents of these models reach 30 to 60.
double relative_largest(std::span<const float> actual, std::span<const float> expected);

/// Draws it and compares the latents of all pictures, and the first picture where there is one.
/// Uses GoogleTest's assertions.
void compare_run(const SdFixture& fixture, const SdRun& run, const testing::BackendCase& which);

/// Draws it with matrices in 8 bits: what that costs the first picture, in decibels from the
/// expected latents' own.
void compare_eight_bits(const SdFixture& fixture, const SdRun& run,
                        const testing::BackendCase& which);

}  // namespace easel::parity
