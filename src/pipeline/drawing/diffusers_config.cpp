#include "pipeline/drawing/diffusers_config.h"

#include "core/error.h"

namespace easel {
namespace {

constexpr std::int64_t kMostLatentSize = 4096, kMostTimesteps = 100000;

}  // namespace

void require_usual_unet(const JsonFile& file) {
  file.require("act_fn", "silu");
  file.require("center_input_sample", false);
  file.require("flip_sin_to_cos", true);
  file.require("freq_shift", 0);
  file.require("norm_num_groups", 32);
  file.require("norm_eps", 1e-5);
  file.require("mid_block_scale_factor", 1);
}

std::optional<int> sample_size_of(const JsonFile& file) {
  const auto size = file.get<std::int64_t>("sample_size");
  if (!size) return std::nullopt;
  return size_in_range(*size, kMostLatentSize, "sample_size");
}

std::optional<double> scaling_factor_of(const JsonFile& file) {
  file.require("act_fn", "silu");
  file.require("norm_num_groups", 32);
  return file.get<double>("scaling_factor");
}

DiffusersScheduler read_scheduler(const JsonFile& file, const ScheduleConfig& usual) {
  DiffusersScheduler read{.schedule = usual, .parameterization = {}, .timestep_rule = {}};
  ScheduleConfig& schedule = read.schedule;
  if (const auto name = file.get<std::string>("beta_schedule")) {
    schedule.kind = beta_schedule_of_diffusers(*name);
  }
  schedule.linear_start = file.get<double>("beta_start").value_or(schedule.linear_start);
  schedule.linear_end = file.get<double>("beta_end").value_or(schedule.linear_end);
  if (const auto steps = file.get<std::int64_t>("num_train_timesteps")) {
    schedule.timesteps = size_in_range(*steps, kMostTimesteps, "num_train_timesteps");
  }
  if (const auto name = file.get<std::string>("prediction_type")) {
    read.parameterization = parameterization_named(*name);
  }
  const auto offset = file.get<int>("steps_offset");
  const auto alpha_to_one = file.get<bool>("set_alpha_to_one");
  if (!offset && !alpha_to_one) return read;
  if (offset && (*offset < 0 || *offset > schedule.timesteps)) {
    fail(ErrorCode::kInvalidFile, "'steps_offset' is {}, wanted 0 to {}", *offset,
         schedule.timesteps);
  }
  read.timestep_rule = {.original = false,
                        .steps_offset = offset.value_or(0),
                        .set_alpha_to_one = alpha_to_one.value_or(true)};
  return read;
}

}  // namespace easel
