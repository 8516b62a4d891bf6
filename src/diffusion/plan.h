#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "diffusion/denoiser.h"
#include "diffusion/noise.h"
#include "diffusion/samplers.h"
#include "diffusion/schedule.h"

namespace easel {

/// What start noise is multiplied by before the first step of a sampler over sigmas.
enum class StartScale {
  kUnitVariance,  ///< sqrt(1 + sigma^2): what the training would show (k-diffusion's callers:
                  ///< "SGM")
  kSigma,         ///< sigma, as if the picture were 0
};

/// Which steps of a run are left for one that starts at a picture, with S steps and a strength s.
enum class StrengthRule {
  kShare,      ///< the last round(s S) steps
  kCompVis,    ///< int(s S) timesteps of the sampler's; the noise is one step higher
  kA1111,      ///< int(min(s, 0.999) S) + 1 sigmas; of DDIM's timesteps one less, noise as CompVis
  kDiffusers,  ///< the last int(s S) steps
};

/// The steps of a run: timesteps, or sigmas.
using Path = std::variant<TimestepPlan, NoiseLevels>;

/// A run of a sampler as it is asked for. diffusion/dialects.h makes those of other programs.
struct PlanRequest {
  const Sampler& sampler;
  int steps = 25;
  Parameterization parameterization = Parameterization::kEps;
  std::optional<double> eta = {};            ///< else the sampler's
  std::optional<SigmaSpacing> spacing = {};  ///< else the sampler's
  TimestepRule rule = {};                    ///< for DDIM and PLMS
  std::optional<Path> path = {};             ///< instead of what steps, spacing and rule give
  StartScale start = StartScale::kUnitVariance;
  StrengthRule strength = StrengthRule::kShare;
  std::optional<Consistency> consistency = {};  ///< else the sampler's
  bool first_order_at_end = false;              ///< see StepOptions
};

/// What a run is given besides latents and a network. All optional but where said.
struct RunOptions {
  NoiseSource* noise = nullptr;    ///< needed by the samplers that add noise
  bool draw_unused_noise = false;  ///< see StepOptions
  StepCallback on_step = {};
  Correction correct = {};  ///< of what the network says the picture is, at every evaluation
  std::function<void(std::span<float> x, float alpha)> before_step = {};  ///< see StepOptions
};

/// The steps of a run, made once: from which noise level to which, in how many steps, with which
/// sampler. Says everything about them before the first one, and takes them as often as wanted.
///
///     const Schedule schedule({.linear_start = 0.00085, .linear_end = 0.012});
///     const Plan plan(schedule, {.sampler = find_sampler("DPM++ 2M"), .steps = 25});
///     PerPictureNoise noise(seed, shape);
///     std::vector<float> latents(shape.elements());
///     noise.draw(latents);
///     plan.run(network, latents, {.noise = &noise});
///
/// A value; immutable and thread-safe. The schedule and the sampler outlive it.
class Plan {
 public:
  /// Throws kUsage for steps, eta or spacing that the sampler does not take, kUnsupported for a
  /// schedule that ends without signal with a sampler that cannot start there.
  Plan(const Schedule& schedule, const PlanRequest& request);

  /// How many steps on_step will count to. (DPM adaptive: an estimate.)
  int steps() const { return steps_; }
  /// Every timestep at which the sampler will ask the network, rising, each once. (PLMS and Heun
  /// ask at some of them twice; of DPM adaptive's some.)
  const std::vector<float>& timesteps() const { return timesteps_; }
  /// The sigmas of the steps and where the last one ends; empty for DDIM and PLMS.
  std::span<const double> sigmas() const;
  /// Where the plan is not what was asked for, one sentence for the person; else empty.
  const std::string& note() const { return note_; }

  /// The end of this plan, for a run that starts at a picture: as much of it as the strength rule
  /// says. kShare: 1 is the plan itself, 0 no step. Throws kUsage unless 0 <= strength <= 1.
  Plan from(double strength) const;
  /// The end of this plan that takes so many steps, counted as its strength rule counts them
  /// (a second pass: AUTOMATIC1111's hires fix). REQUIRES: steps > 0
  Plan last(int steps) const;
  /// Mixes a picture's latents into `noise`, standard normal: what the first step expects.
  /// REQUIRES: as many values
  void start_at(std::span<const float> picture, std::span<float> noise) const;

  /// x: latents at the first step's noise level in the training's scaling (of a whole plan:
  /// standard normal noise; see start_at) in; the latents out, in the network's scaling. Throws
  /// what the network and on_step throw.
  void run(const Network& network, std::span<float> x, const RunOptions& options = {}) const;

 private:
  /// a: x = sqrt(a) picture + sqrt(1 - a) noise before the first step.
  double first_alpha() const;
  int levels() const;
  void drop(std::ptrdiff_t steps);
  Plan rest(std::ptrdiff_t kept) const;
  void rehearse();
  void run_timesteps(TimestepSampler sampler, const Network& network, std::span<float> x,
                     const StepOptions& how, const Correction& correct) const;
  void run_sigmas(SigmaSampler sampler, const Network& network, std::span<float> x,
                  const StepOptions& how, const Correction& correct) const;

  const Schedule* schedule_;
  const Sampler* sampler_;
  Parameterization parameterization_;
  double eta_;
  std::string note_;
  Path path_;
  StartScale start_;
  StrengthRule strength_;
  std::optional<Consistency> consistency_;
  bool first_order_at_end_;
  int asked_;                          // steps
  std::optional<double> start_alpha_;  // where the start is noisier than the first step
  int steps_ = 0;
  std::vector<float> timesteps_;
};

}  // namespace easel
