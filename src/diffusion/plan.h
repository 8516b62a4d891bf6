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

/// A run of a sampler as it is asked for.
struct PlanRequest {
  const Sampler& sampler;
  int steps = 25;
  Parameterization parameterization = Parameterization::kEps;
  std::optional<double> eta = {};            ///< else the sampler's
  std::optional<SigmaSpacing> spacing = {};  ///< else the sampler's
  TimestepRule rule = {};                    ///< for DDIM and PLMS
};

/// What a run is given besides latents and a network. All optional but where said.
struct RunOptions {
  NoiseSource* noise = nullptr;    ///< needed by the samplers that add noise
  bool draw_unused_noise = false;  ///< see StepOptions
  StepCallback on_step = {};
  Correction correct = {};  ///< of what the network says the picture is, at every evaluation
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
  /// Throws kUsage for steps, eta or spacing that the sampler does not take.
  Plan(const Schedule& schedule, const PlanRequest& request);

  /// How many steps on_step will count to.
  int steps() const;
  /// Every timestep at which the sampler will ask the network, rising, each once. (PLMS and Heun
  /// ask at some of them twice.)
  std::vector<float> timesteps() const;
  /// Where the plan is not what was asked for, one sentence for the person; else empty.
  const std::string& note() const { return note_; }

  /// The end of this plan: the last `strength` of its steps, for a run that starts at a picture. 1:
  /// the plan itself; 0: no step. Throws kUsage unless 0 <= strength <= 1.
  Plan from(double strength) const;
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

  const Schedule* schedule_;
  const Sampler* sampler_;
  Parameterization parameterization_;
  double eta_;
  std::string note_;
  std::variant<TimestepPlan, std::vector<double>> path_;  ///< timesteps, or sigmas and a last 0
};

}  // namespace easel
