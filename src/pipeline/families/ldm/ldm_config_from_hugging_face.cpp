#include "pipeline/drawing/diffusers_config.h"
#include "pipeline/families/ldm/ldm_config.h"

namespace easel {
namespace {

void read_unet(const JsonFile& file, LdmConfig& config) {
  require_usual_unet(file);
  // An old name: it is the number of heads.
  if (const auto heads = file.get<std::int64_t>("attention_head_dim")) {
    config.unet.num_heads = size_in_range(*heads, 1 << 16, "attention_head_dim");
  }
  if (const auto size = sample_size_of(file)) config.native_width = config.native_height = *size;
}

void read_autoencoder(const JsonFile& file, LdmConfig& config) {
  config.scale_factor = scaling_factor_of(file).value_or(config.scale_factor);
}

void read_scheduler_of(const JsonFile& file, LdmConfig& config) {
  file.require("clip_sample", false);
  const DiffusersScheduler scheduler = read_scheduler(file, config.schedule);
  config.schedule = scheduler.schedule;
  config.parameterization = scheduler.parameterization.value_or(config.parameterization);
  config.timestep_rule = scheduler.timestep_rule;
}

}  // namespace

LdmConfig ldm_config_from_hugging_face(const std::filesystem::path& folder,
                                       const Weights& weights) {
  LdmConfig config = ldm_config_from_shapes(weights);
  config.notes.clear();
  read_unet(JsonFile(folder / "unet" / "config.json"), config);
  read_autoencoder(JsonFile(folder / "vqvae" / "config.json"), config);
  read_autoencoder(JsonFile(folder / "vae" / "config.json"), config);
  read_scheduler_of(JsonFile(folder / "scheduler" / "scheduler_config.json"), config);
  return config;
}

}  // namespace easel
