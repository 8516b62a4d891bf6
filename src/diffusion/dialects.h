#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "diffusion/plan.h"

// The runs of other programs, step for step: each function says a run as that program was told it,
// and gives the request for a Plan that takes the same steps. All outlive nothing; the schedule is
// read at once. They throw kUsage for names unknown there, kUnsupported for what Easel has not.

namespace easel {

/// AUTOMATIC1111's web UI. Noise: PerPictureNoise, one generator a picture; its "eta noise seed
/// delta" is PerPictureNoise::reseed after the start noise.
struct A1111Run {
  std::string_view sampler = "Euler";        ///< by its names there; old ones as "DPM++ 2M Karras"
  std::string_view scheduler = "Automatic";  ///< "Karras", …; empty is "Automatic"
  int steps = 20;
  Parameterization parameterization = Parameterization::kEps;
  std::optional<double> eta = {};     ///< else the sampler's there: 1 where it is ancestral, else 0
  bool xl = false;                    ///< Align Your Steps has a table of its own for SDXL
  bool discard_penultimate = false;   ///< "always discard next-to-last sigma"
  bool quantization = false;          ///< "enable quantization in K samplers"
  bool sgm_noise_multiplier = false;  ///< start noise times sqrt(1 + sigma^2), not sigma
  bool old_karras = false;            ///< "use old karras scheduler sigmas (0.1 to 10)"
};
PlanRequest a1111_run(const Schedule& schedule, const A1111Run& run);

/// CompVis' and Stability's scripts/txt2img.py and img2img.py. Noise: one generator for the run
/// (BatchNoise), with RunOptions::draw_unused_noise for DDIM and PLMS.
struct CompVisRun {
  enum class Solver { kDdim, kPlms, kDpmSolver };  ///< --plms, --dpm_solver (--dpm)
  Solver solver = Solver::kDdim;
  int steps = 50;
  Parameterization parameterization = Parameterization::kEps;
  double eta = 0;
};
PlanRequest compvis_run(const Schedule& schedule, const CompVisRun& run);

/// Stability's generative-models with its legacy discretization (SDXL): "EulerEDMSampler",
/// "HeunEDMSampler", "EulerAncestralSampler", "DPMPP2MSampler", "DPMPP2SAncestralSampler",
/// "LinearMultistepSampler". Noise: one generator (BatchNoise).
struct SgmRun {
  std::string_view sampler = "EulerEDMSampler";
  int steps = 50;
  Parameterization parameterization = Parameterization::kEps;
};
PlanRequest sgm_run(const Schedule& schedule, const SgmRun& run);

/// diffusers' pipelines with a scheduler: its class and scheduler_config.json. What the file does
/// not say is as in diffusers 0.27.2. Noise: one generator (BatchNoise).
struct DiffusersRun {
  std::string_view scheduler = "PNDMScheduler";
  const Json& config;
  int steps = 50;
  std::optional<double> eta = {};  ///< of DDIM
};
/// The schedule that a scheduler_config.json says.
ScheduleConfig diffusers_schedule(std::string_view scheduler, const Json& config);
PlanRequest diffusers_run(const Schedule& schedule, const DiffusersRun& run);

/// The levels of the DPM-Solver authors' code (Lu, Zhao): `steps` steps evenly in time from `first`
/// to timestep 0, where log(alpha) is interpolated between timesteps. REQUIRES: steps >= 1
NoiseLevels time_uniform_levels(const Schedule& schedule, double first, int steps);

/// zero terminal SNR as AUTOMATIC1111 and Euler in diffusers end it: not quite without signal.
constexpr double kA1111TerminalAlpha = 4.8973451890853435e-08;
constexpr double kDiffusersTerminalAlpha = 0x1p-24;

}  // namespace easel
