#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "diffusion/denoiser.h"
#include "diffusion/noise.h"
#include "diffusion/noise_levels.h"
#include "diffusion/schedule.h"

// The samplers: free functions over latents, timesteps or sigmas, and a denoiser. Values are
// treated one by one, so any layout does. A Plan (diffusion/plan.h) prepares and runs them.

namespace easel {

/// The state after a step. The spans are valid during the call only.
struct StepEvent {
  int step = 0;               ///< steps done, from 1
  int steps = 0;              ///< of how many
  std::span<const float> x;   ///< the latents, in the sampler's scaling
  std::span<const float> x0;  ///< what the picture looks like from here: for previews
};
/// Called after each step; throw (CancelToken::check) to stop.
using StepCallback = std::function<void(const StepEvent&)>;

struct StepOptions {
  double eta = 0;                ///< how much fresh noise: 0 none, 1 as much as DDPM
  NoiseSource* noise = nullptr;  ///< needed where eta > 0 or draw_unused_noise
  /// Draw noise at each DDIM and PLMS update although eta is 0, as the original does: it moves the
  /// generator on for the batches that follow.
  bool draw_unused_noise = false;
  /// DPM++ 2M: the last step is of first order, which holds short runs steady (Lu et al. do so
  /// below 15 steps). It always is where it ends at 0.
  bool first_order_at_end = false;
  /// DDIM and PLMS: changes x before each step, at whose noise level it is: alphas_cumprod `alpha`.
  /// (latent-diffusion's mask puts the noised picture back so.)
  std::function<void(std::span<float> x, float alpha)> before_step = {};
  StepCallback on_step = {};
};

/// Song et al. 2021, "Denoising diffusion implicit models", equations 12 and 16.
/// x: latents at plan.steps.front(), variance preserving; becomes the result.
void ddim(std::span<float> x, const EpsModel& model, const TimestepPlan& plan,
          const StepOptions& options);

/// The same, told pictures, where steps may begin at a = 0 (zero terminal SNR).
void ddim_of_pictures(std::span<float> x, const PictureModel& model, const TimestepPlan& plan,
                      const StepOptions& options);

/// Liu et al. 2022, "Pseudo numerical methods for diffusion models on manifolds", section 3.3 as
/// latent-diffusion has it: a pseudo improved Euler step, then Adams-Bashforth of order 2, 3, 4;
/// plan.steps.size() + 1 evaluations. REQUIRES: eta == 0
void plms(std::span<float> x, const EpsModel& model, const TimestepPlan& plan,
          const StepOptions& options);

// The samplers below take x = x0 + sigma eps at sigmas.front(), and falling sigmas; a last sigma of
// 0 ends at the denoiser's picture.

/// Karras et al. 2022, "Elucidating the design space", algorithm 1 without its second half.
void euler(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
           const StepOptions& options);
/// The same with each step split into a longer one and fresh noise (k-diffusion).
void euler_ancestral(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                     const StepOptions& options);
/// Karras et al. 2022, algorithm 1: two evaluations a step, one at the last.
void heun(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
          const StepOptions& options);
/// Lu et al. 2022, "DPM-Solver++", algorithm 2.
void dpm_solver_pp_2m(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                      const StepOptions& options);
/// Zhao et al. 2023, "UniPC", algorithms 1 and 2 with B(h) = e^h - 1, predicting x0. One evaluation
/// a step.
void unipc_2(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
             const StepOptions& options);
void unipc_3(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
             const StepOptions& options);

/// UniPC with orders that fall to 1 at the end: as diffusers runs the second, and the authors' own
/// code, which AUTOMATIC1111 has, the third with B(h) = h.
void unipc_2_falling(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                     const StepOptions& options);
void unipc_3_bh1(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                 const StepOptions& options);
/// Linear multistep of order 4 (k-diffusion).
void lms(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
         const StepOptions& options);
/// The midpoint rule in log(sigma), and with each step's end ancestral (k-diffusion, after Karras
/// et al. 2022 and DPM-Solver-2).
void dpm_2(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
           const StepOptions& options);
void dpm_2_ancestral(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                     const StepOptions& options);
/// Lu et al. 2022, "DPM-Solver++", algorithm 1, with each step's end ancestral (k-diffusion).
void dpm_solver_pp_2s_ancestral(std::span<float> x, const Denoiser& model,
                                std::span<const double> sigmas, const StepOptions& options);
/// The stochastic equation of "DPM-Solver++", section 5 (k-diffusion): two evaluations a step;
/// multistep of second order with either correction; of third.
void dpm_solver_pp_sde(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                       const StepOptions& options);
void dpm_solver_pp_2m_sde(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                          const StepOptions& options);
void dpm_solver_pp_2m_sde_heun(std::span<float> x, const Denoiser& model,
                               std::span<const double> sigmas, const StepOptions& options);
void dpm_solver_pp_3m_sde(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                          const StepOptions& options);
/// Xu et al. 2023, "Restart sampling": Heun that from 20 steps on goes back and walks a part again.
/// Needs noise then, whatever eta.
void restart(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
             const StepOptions& options);
/// Song et al. 2023, "Consistency models", algorithm 1: the picture, noised to the next level.
/// Needs noise for more than one step, whatever eta.
void lcm(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
         const StepOptions& options);
/// Lu et al. 2022, "DPM-Solver", singlestep, from the first sigma to the lowest above 0, where it
/// ends: with as many evaluations as there are steps; and with steps as long as the error allows.
/// That is measured over the whole batch: a picture of a batch is not quite that picture alone.
void dpm_fast(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
              const StepOptions& options);
void dpm_adaptive(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                  const StepOptions& options);

/// How a consistency model's answer becomes a picture: c_out D(x) + c_skip x, which at t = 0 is x
/// (Luo et al. 2023, "Latent consistency models", section 4.1).
struct Consistency {
  double timestep_scale = 10;
  bool of_training_scaling = false;  ///< c_skip is for x / sqrt(1 + sigma^2), as diffusers has it
};
Denoiser consistent(Denoiser model, TimeOf time_of, const Consistency& how);

using TimestepSampler = void (*)(std::span<float>, const EpsModel&, const TimestepPlan&,
                                 const StepOptions&);
using SigmaSampler = void (*)(std::span<float>, const Denoiser&, std::span<const double>,
                              const StepOptions&);

/// A row of the table of samplers.
struct Sampler {
  std::string_view id;    ///< what the command line takes: "dpmpp-2m"
  std::string_view name;  ///< what AUTOMATIC1111 calls it: "DPM++ 2M"
  std::vector<std::string_view> aliases = {};
  std::vector<std::string_view> diffusers = {};  ///< its scheduler classes there
  std::string_view description = {};             ///< one line
  std::variant<TimestepSampler, SigmaSampler> run = {};
  SigmaSpacing spacing = SigmaSpacing::kUniform;  ///< unless asked otherwise
  /// What AUTOMATIC1111's schedule "Automatic" is for it.
  SigmaSpacing automatic = SigmaSpacing::kUniform;
  bool discards_penultimate = false;  ///< one level more is made there, the last but one left out
  double default_eta = 0;
  bool takes_eta = false;
  bool needs_noise = false;  ///< whatever eta
  /// How often it asks the network in a step; of the last step it may be less.
  int evaluations = 1;
  std::optional<Consistency> consistency = {};

  /// DDIM and PLMS have steps of their own; all others take every spacing.
  bool takes_spacing() const { return std::holds_alternative<SigmaSampler>(run); }
};

std::span<const Sampler> samplers();

/// By id, name or alias; case, spaces, hyphens and underscores do not matter. Throws kUsage with
/// the nearest name.
const Sampler& find_sampler(std::string_view name);

/// "ddim and euler-a": the samplers that take an eta.
std::string samplers_that_take_eta();

}  // namespace easel
