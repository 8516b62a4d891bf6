// What lies beside the weights: the original code's YAML, or a Hugging Face folder's JSON files.

#include <fstream>
#include <iterator>

#include "core/error.h"
#include "pipeline/drawing/diffusers_config.h"
#include "pipeline/drawing/yaml_reader.h"
#include "pipeline/families/stable_diffusion/sd_config.h"

namespace easel {
namespace {

constexpr std::uintmax_t kMostBytes = 1 << 20;
constexpr IntegerRange kHeads{.least = -1, .most = 1 << 12};

std::string read_text(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (error) fail(ErrorCode::kIo, "cannot read '{}': {}", file.string(), error.message());
  if (bytes > kMostBytes) {
    fail(ErrorCode::kInvalidFile, "the configuration '{}' has {} bytes, wanted at most {}",
         file.string(), bytes, kMostBytes);
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) fail(ErrorCode::kIo, "cannot read '{}'", file.string());
  return text;
}

void read_unet_heads(const YamlReader& unet, UNetConfig& config) {
  const auto heads = static_cast<int>(unet.integer("num_heads", -1, kHeads));
  const auto channels = static_cast<int>(unet.integer("num_head_channels", -1, kHeads));
  if (channels > 0) {
    config.num_head_channels = channels;
  } else if (heads > 0) {
    config.num_heads = heads;
    config.num_head_channels = 0;
  }
}

void read_text_heads(const YamlReader& params, SdTextConfig& text) {
  text.network.heads =
      static_cast<int>(params.integer("heads", text.network.heads, {.most = 1 << 12}));
}

// CompVis' and Stability's: one text encoder.
void read_latent_diffusion(const YamlReader& params, SdConfig& config) {
  read_unet_heads(params / "unet_config" / "params", config.unet);
  read_text_heads(params / "cond_stage_config" / "params", config.texts.front());
  if (params.has("parameterization")) {
    config.parameterization = parameterization_named(params.text("parameterization", ""));
  }
  config.schedule.timesteps =
      static_cast<int>(params.integer("timesteps", config.schedule.timesteps, {.most = 100000}));
  config.schedule.linear_start = params.number("linear_start", config.schedule.linear_start);
  config.schedule.linear_end = params.number("linear_end", config.schedule.linear_end);
}

// Stability's generative-models: a list of embedders, the text encoders first.
void read_generative_models(const YamlReader& params, SdConfig& config) {
  read_unet_heads(params / "network_config" / "params", config.unet);
  const YamlReader conditioner = params / "conditioner_config" / "params";
  for (std::size_t i = 0; i < config.texts.size(); ++i) {
    read_text_heads(conditioner.item("emb_models", i) / "params", config.texts[i]);
  }
  const std::string scaling =
      (params / "denoiser_config" / "params" / "scaling_config").text("target", "");
  if (scaling.ends_with(".VScaling")) config.parameterization = Parameterization::kV;
  if (scaling.ends_with(".EpsScaling")) config.parameterization = Parameterization::kEps;
}

void read_scheduler_of(const JsonFile& file, SdConfig& config) {
  const DiffusersScheduler scheduler = read_scheduler(file, config.schedule);
  config.schedule = scheduler.schedule;
  config.timestep_rule = scheduler.timestep_rule;
  if (!scheduler.parameterization) return;
  config.parameterization = scheduler.parameterization;
  config.parameterization_from = "scheduler/scheduler_config.json";
}

// `attention_head_dim` is the number of heads: of all levels, or of each.
void read_folder_heads(const JsonFile& file, UNetConfig& unet) {
  if (!file.has("attention_head_dim")) return;
  if (!file.json()["attention_head_dim"].is_array()) {
    unet.num_heads =
        size_in_range(*file.get<std::int64_t>("attention_head_dim"), 1 << 12, "attention_head_dim");
    unet.num_head_channels = 0;
    return;
  }
  const auto heads = *file.get<std::vector<std::int64_t>>("attention_head_dim");
  std::optional<std::int64_t> each;
  for (std::size_t i = 0; i < heads.size() && i < unet.channel_mult.size(); ++i) {
    const std::int64_t channels = unet.model_channels * unet.channel_mult[i];
    const std::int64_t count = size_in_range(heads[i], 1 << 12, "attention_head_dim");
    if (channels % count != 0 || (each && *each != channels / count)) {
      fail(ErrorCode::kUnsupported,
           "'attention_head_dim' in '{}' has {} heads for {} channels, and only heads of one size "
           "are built",
           file.path().string(), count, channels);
    }
    each = channels / count;
  }
  if (each) unet.num_head_channels = static_cast<int>(*each);
}

void read_unet(const JsonFile& file, SdConfig& config) {
  require_usual_unet(file);
  read_folder_heads(file, config.unet);
  if (const auto size = sample_size_of(file)) config.native_width = config.native_height = *size;
}

void read_text_encoder(const JsonFile& file, SdTextConfig& text) {
  if (const auto heads = file.get<std::int64_t>("num_attention_heads")) {
    text.network.heads = size_in_range(*heads, 1 << 12, "num_attention_heads");
  }
  const auto activation = file.get<std::string>("hidden_act");
  if (!activation) return;
  if (*activation != "quick_gelu" && *activation != "gelu") {
    fail(ErrorCode::kUnsupported, "'hidden_act' in '{}' is '{}', and gelu and quick_gelu are built",
         file.path().string(), *activation);
  }
  text.network.activation = *activation == "gelu" ? Activation::kGelu : Activation::kQuickGelu;
}

// The id that fills a prompt up: "!" is 0, which OpenCLIP's models were trained with.
void read_padding(const JsonFile& file, TextReading& reading) {
  if (!file.has("pad_token") || !file.json()["pad_token"].is_string()) return;
  reading.padding = file.json()["pad_token"].text() == "!" ? 0 : TextReading{}.padding;
}

}  // namespace

void read_sd_yaml(const std::filesystem::path& file, SdConfig& config) {
  const std::string name = "'" + file.string() + "'";
  const YamlReader root = YamlReader::parse(read_text(file), name);
  const YamlReader params = root / "model" / "params";
  const auto before = config.parameterization;
  if (params.has("unet_config")) read_latent_diffusion(params, config);
  if (params.has("network_config")) read_generative_models(params, config);
  if (config.parameterization != before) {
    config.parameterization_from = file.filename().string();
  }
  // The original's default, which its configurations of the first models leave out.
  if (!config.parameterization && params.has("unet_config")) {
    config.parameterization = Parameterization::kEps;
    config.parameterization_from = file.filename().string();
  }
  config.scale_factor = params.number("scale_factor", config.scale_factor);
  const std::vector<int> size = params.integers("image_size", {}, {.most = 4096});
  if (!size.empty()) {
    config.native_height = size.front();
    config.native_width = size.back();
  }
  if (root.has("easel")) {
    config.defaults = read_draw_defaults(root / "easel", config.schedule.timesteps);
  }
}

void read_sd_folder(const std::filesystem::path& folder, SdConfig& config) {
  read_unet(JsonFile(folder / "unet" / "config.json"), config);
  const JsonFile autoencoder(folder / "vae" / "config.json");
  config.scale_factor = scaling_factor_of(autoencoder).value_or(config.scale_factor);
  read_scheduler_of(JsonFile(folder / "scheduler" / "scheduler_config.json"), config);
  for (SdTextConfig& text : config.texts) {
    read_text_encoder(JsonFile(folder / text.scope / "config.json"), text);
    const std::string tokenizer = text.scope == "text_encoder" ? "tokenizer" : "tokenizer_2";
    read_padding(JsonFile(folder / tokenizer / "special_tokens_map.json"), text.reading);
  }
  const JsonFile index(folder / "model_index.json");
  if (const auto zero = index.get<bool>("force_zeros_for_empty_prompt")) {
    config.zero_empty_negative = *zero;
  }
}

}  // namespace easel
