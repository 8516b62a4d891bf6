#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diffusion/schedule.h"

namespace easel {

/// How the sigmas of a run are spread.
enum class SigmaSpacing {
  kUniform,   ///< timesteps evenly from 999 to 0, both visited (k-diffusion's default)
  kTrailing,  ///< timesteps evenly from 999 down, the last one a full step above -1 (Lin et al.
              ///< 2023)
  kLeading,   ///< the timesteps of latent-diffusion's DDIM, 1 + i * (1000 // S), exactly S of them
  kKarras,    ///< sigma^(1/7) evenly from sigma_max to sigma_min (Karras et al. 2022, equation 5)
  kExponential,      ///< log(sigma) evenly
  kPolyexponential,  ///< the same with the steps' shares to a power, here 1
  kSgmUniform,       ///< timesteps evenly from 999 to 0, the last one not visited
  kKlOptimal,       ///< arctan(sigma) evenly, ending at sigma_min (Sabour et al. 2024, theorem 3.1)
  kAlignYourSteps,  ///< Sabour et al. 2024, "Align your steps": levels found for Stable Diffusion 1
  kAlignYourStepsXl,  ///< those found for SDXL
  kLcm,               ///< over the 50 timesteps that consistency models are trained at
  kTimeUniform,       ///< the DPM-Solver authors', evenly in time down to timestep 0; not to 0
};

/// A row of the names of spacings.
struct SpacingName {
  std::string_view id;    ///< what the command line takes: "sgm-uniform"
  std::string_view name;  ///< what AUTOMATIC1111 calls it, "SGM Uniform"; empty: it has it not
  SigmaSpacing spacing;
};
std::span<const SpacingName> sigma_spacings();

/// By id or name; case, spaces, hyphens and underscores do not matter. Throws kUsage.
SigmaSpacing sigma_spacing_named(std::string_view name);

/// `steps` sigmas, falling, then 0 (but kKlOptimal and kTimeUniform, which end at sigma_min).
/// Throws kUsage when steps is below 1 or above the timesteps.
std::vector<double> plan_sigmas(const Schedule& schedule, int steps, SigmaSpacing spacing);

/// The noise levels of a run, and what the network is told at them.
struct NoiseLevels {
  /// The timestep that a network is told at a sigma that `timesteps` does not name.
  enum class Told {
    kBetween,  ///< fractional, between the schedule's (k-diffusion)
    kNearest,  ///< the schedule's nearest ("quantization")
    kLcm,      ///< the nearest of the 50 that consistency models are trained at
  };
  std::vector<double> sigmas;    ///< falling; mostly with a 0 after the last step
  std::vector<float> timesteps;  ///< of the first sigmas, where they are not what `told` gives
  Told told = Told::kBetween;
  /// The run ends above 0 in the training's scaling, x / sqrt(1 + sigma^2), as solvers do that
  /// think in it.
  bool ends_in_training_scaling = false;
};

using TimeOf = std::function<float(double sigma)>;
/// What the network is told at a sigma. The schedule outlives it.
TimeOf time_of(const NoiseLevels& levels, const Schedule& schedule);

// The lists as k-diffusion makes them, rounded to float after every operation: Brownian noise is
// asked for by them, and another last digit is other noise. REQUIRES: count >= 1, lowest < highest

struct LevelRange {
  double lowest, highest;
};
/// sigma^(1/rho) evenly.
std::vector<double> karras_levels(const LevelRange& range, int count, double rho = 7);
std::vector<double> exponential_levels(const LevelRange& range, int count);
/// count + 1 levels, the last of them `lowest`.
std::vector<double> kl_optimal_levels(const LevelRange& range, int count);
/// log(sigma) along the published table of eleven, then 0.
std::vector<double> align_your_steps_levels(bool xl, int count);
/// The sigma at a fractional timestep.
double level_at(const Schedule& schedule, double timestep);

/// torch.linspace in float32.
std::vector<float> float_linspace(float first, float last, int count);

/// Among the 50 timesteps of consistency models, 19, 39, … 999: the nearest to a sigma, and the
/// sigma at a (fractional) timestep between them.
double lcm_timestep_at(const Schedule& schedule, double sigma);
double lcm_level_at(const Schedule& schedule, double timestep);

}  // namespace easel
