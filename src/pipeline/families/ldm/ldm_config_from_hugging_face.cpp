#include "core/error.h"
#include "pipeline/drawing/json_file.h"
#include "pipeline/families/ldm/ldm_config.h"

namespace easel {
namespace {

void read_unet(const JsonFile& file, LdmConfig& config) {
  file.require("act_fn", "silu");
  file.require("center_input_sample", false);
  file.require("flip_sin_to_cos", true);
  file.require("freq_shift", 0);
  file.require("norm_num_groups", 32);
  file.require("norm_eps", 1e-5);
  file.require("mid_block_scale_factor", 1);
  // An old name: it is the number of heads.
  if (const auto heads = file.get<std::int64_t>("attention_head_dim")) {
    config.unet.num_heads = size_in_range(*heads, 1 << 16, "attention_head_dim");
  }
  if (const auto size = file.get<std::int64_t>("sample_size")) {
    config.native_width = config.native_height = size_in_range(*size, 4096, "sample_size");
  }
}

void read_autoencoder(const JsonFile& file, LdmConfig& config) {
  file.require("act_fn", "silu");
  file.require("norm_num_groups", 32);
  if (const auto factor = file.get<double>("scaling_factor")) config.scale_factor = *factor;
}

void read_scheduler(const JsonFile& file, LdmConfig& config) {
  if (const auto name = file.get<std::string>("beta_schedule")) {
    config.schedule.kind = beta_schedule_of_diffusers(*name);
  }
  ScheduleConfig& schedule = config.schedule;
  schedule.linear_start = file.get<double>("beta_start").value_or(schedule.linear_start);
  schedule.linear_end = file.get<double>("beta_end").value_or(schedule.linear_end);
  if (const auto steps = file.get<std::int64_t>("num_train_timesteps")) {
    schedule.timesteps = size_in_range(*steps, 100000, "num_train_timesteps");
  }
  if (const auto name = file.get<std::string>("prediction_type")) {
    config.parameterization = parameterization_named(*name);
  }
  file.require("clip_sample", false);
  // A file that says neither is drawn as latent-diffusion draws the same weights; one that says
  // either is drawn as diffusers would.
  const auto offset = file.get<int>("steps_offset");
  const auto alpha_to_one = file.get<bool>("set_alpha_to_one");
  if (!offset && !alpha_to_one) return;
  if (offset && (*offset < 0 || *offset > schedule.timesteps)) {
    fail(ErrorCode::kInvalidFile, "'steps_offset' is {}, wanted 0 to {}", *offset,
         schedule.timesteps);
  }
  config.timestep_rule = {.original = false,
                          .steps_offset = offset.value_or(0),
                          .set_alpha_to_one = alpha_to_one.value_or(true)};
}

}  // namespace

LdmConfig ldm_config_from_hugging_face(const std::filesystem::path& folder,
                                       const Weights& weights) {
  LdmConfig config = ldm_config_from_shapes(weights);
  config.notes.clear();
  read_unet(JsonFile(folder / "unet" / "config.json"), config);
  read_autoencoder(JsonFile(folder / "vqvae" / "config.json"), config);
  read_autoencoder(JsonFile(folder / "vae" / "config.json"), config);
  read_scheduler(JsonFile(folder / "scheduler" / "scheduler_config.json"), config);
  return config;
}

}  // namespace easel
