#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// How the noise grows over the training timesteps, by latent-diffusion's names.
enum class BetaSchedule {
  kLinear,      ///< roots of beta evenly spaced ("linear"; "scaled_linear" in diffusers)
  kCosine,      ///< Nichol and Dhariwal 2021
  kSqrtLinear,  ///< betas evenly spaced ("sqrt_linear"; "linear" in diffusers)
  kSqrt,        ///< roots of evenly spaced values
};

/// The names that latent-diffusion's YAML and diffusers' scheduler files use. Throw kUnsupported.
BetaSchedule beta_schedule_of_ldm(std::string_view name);
BetaSchedule beta_schedule_of_diffusers(std::string_view name);

struct ScheduleConfig {
  BetaSchedule kind = BetaSchedule::kLinear;
  int timesteps = 1000;
  double linear_start = 0.00085;
  double linear_end = 0.012;
  double cosine_s = 0.008;
  /// The last alphas_cumprod after "zero terminal SNR" (Lin et al. 2023, algorithm 1): sqrt(a) is
  /// moved and scaled so that the last becomes 0 and the first stays; then the last is set to this.
  std::optional<double> terminal_alpha = {};
};

/// The noise schedule that a model was trained with (Ho et al. 2020): at timestep t,
/// x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) eps, where a_t is alphas_cumprod[t].
///
/// The same in the scaling of Karras et al. 2022: x_t / sqrt(a_t) = x_0 + sigma_t eps with
/// sigma_t = sqrt((1 - a_t) / a_t). Between timesteps log(sigma) is interpolated linearly (the rule
/// of k-diffusion), so that every sigma has a (fractional) timestep.
///
/// Immutable and thread-safe.
class Schedule {
 public:
  /// Throws kUnsupported for numbers that make no schedule.
  explicit Schedule(const ScheduleConfig& config);

  int timesteps() const { return static_cast<int>(alphas_cumprod_.size()); }
  /// Computed in double and rounded once, as the original's buffers are.
  std::span<const float> betas() const { return betas_; }
  std::span<const float> alphas_cumprod() const { return alphas_cumprod_; }

  double sigma_min() const { return sigma_at(0); }
  double sigma_max() const { return sigma_at(timesteps() - 1); }
  /// REQUIRES: 0 <= timestep <= timesteps() - 1, fractions allowed
  double sigma_at(double timestep) const;
  /// The timestep whose sigma this is, in [0, timesteps() - 1]; beyond the ends, the end.
  double timestep_at(double sigma) const;

 private:
  void end_without_signal(double terminal_alpha);

  std::vector<float> betas_;
  std::vector<float> alphas_cumprod_;
  std::vector<double> log_sigmas_;
};

/// Which timesteps DDIM and PLMS visit.
struct TimestepRule {
  /// range(0, 1000, 1000 // S) + 1 as latent-diffusion does it: a step count that does not divide
  /// 1000 gives more steps (30 gives 31). False: diffusers' "leading" rule, exactly S steps at
  /// i * (1000 // S) + steps_offset.
  bool original = true;
  int steps_offset = 0;          ///< diffusers' scheduler file; its default
  bool set_alpha_to_one = true;  ///< the same: the last step ends at a = 1, else at a_0
};

/// The steps of a DDIM or PLMS run, in the order visited (from noise to picture).
struct TimestepPlan {
  struct Step {
    int timestep;
    float alpha;       ///< alphas_cumprod at this timestep
    float alpha_next;  ///< alphas_cumprod of the next one visited, or where the run ends
  };
  std::vector<Step> steps;
  /// The timestep at which the run ends, where that is one the network knows: PLMS with a single
  /// step looks ahead to it.
  std::optional<int> end = {};
  /// Where the plan is not what was asked for, one sentence for the person: "30 steps become 31
  /// because 1000 does not divide by 30"; else empty.
  std::string note;
};

/// Throws kUsage when steps is below 1 or above the schedule's timesteps.
void check_steps(const Schedule& schedule, int steps);

/// Throws as check_steps. Where latent-diffusion
/// would index one past its table (a last timestep of 1000) the last one is 999 instead.
TimestepPlan plan_timesteps(const Schedule& schedule, int steps, const TimestepRule& rule = {});

}  // namespace easel
