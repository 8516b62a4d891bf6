#pragma once

#include <optional>

#include "diffusion/denoiser.h"
#include "diffusion/schedule.h"
#include "pipeline/drawing/json_file.h"

// What the JSON files of a Hugging Face folder say alike of every latent diffusion model. Each
// throws kUnsupported for a setting that no network here has, kInvalidFile for one that means
// nothing; a key that is absent leaves what was given.

namespace easel {

/// unet/config.json: the settings that the network takes for granted.
void require_usual_unet(const JsonFile& file);

/// unet/config.json's `sample_size`: height and width of the latent.
std::optional<int> sample_size_of(const JsonFile& file);

/// vae/config.json: the settings that the network takes for granted; its `scaling_factor`.
std::optional<double> scaling_factor_of(const JsonFile& file);

/// scheduler/scheduler_config.json.
struct DiffusersScheduler {
  ScheduleConfig schedule;
  std::optional<Parameterization> parameterization;  ///< where the file says it
  TimestepRule timestep_rule;
};
/// Where the file does not say either of them, the rule is the original code's: the model is drawn
/// as that draws the same weights, and as diffusers would where it says one.
DiffusersScheduler read_scheduler(const JsonFile& file, const ScheduleConfig& usual);

}  // namespace easel
