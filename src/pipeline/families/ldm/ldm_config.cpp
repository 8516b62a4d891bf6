#include "pipeline/families/ldm/ldm_config.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "core/error.h"
#include "core/printable.h"
#include "pipeline/drawing/yaml_reader.h"

namespace easel {
namespace {

constexpr std::uintmax_t kMostBytes = 1 << 20;
constexpr IntegerRange kSmall{.least = 1, .most = 128};
constexpr IntegerRange kOptional{.least = -1, .most = 1 << 16};

// `target` says which Python class a part is.
void require_class(const YamlReader& part, std::string_view wanted, std::string_view instead) {
  const std::string target = part.text("target", "");
  if (target.empty() || target == wanted || target.ends_with("." + std::string(wanted))) return;
  fail(ErrorCode::kUnsupported, "{} is {}, wanted {} ({})", part.where("target"), printable(target),
       wanted, instead);
}

// A switch that changes the network into one that Easel does not have.
void require_flag(const YamlReader& params, std::string_view key, bool wanted, bool fallback) {
  if (params.flag(key, fallback) == wanted) return;
  fail(ErrorCode::kUnsupported, "{} is {}, and only {} is built", params.where(key), !wanted,
       wanted);
}

UNetConfig parse_unet(const YamlReader& part) {
  require_class(part, "UNetModel", "the denoiser of latent-diffusion's text-to-image models");
  const YamlReader params = part / "params";
  require_flag(params, "use_spatial_transformer", true, false);
  require_flag(params, "use_scale_shift_norm", false, false);
  require_flag(params, "resblock_updown", false, false);
  require_flag(params, "conv_resample", true, true);
  if (params.has("num_classes")) {
    fail(ErrorCode::kUnsupported,
         "{} is set: a class-conditional model draws from a class number, "
         "not from words",
         params.where("num_classes"));
  }
  UNetConfig unet;
  unet.in_channels = params.integer("in_channels");
  unet.out_channels = params.integer("out_channels");
  unet.model_channels = params.integer("model_channels", IntegerRange{.least = 2});
  unet.channel_mult = params.integers("channel_mult", {1, 2, 4, 8}, kSmall);
  unet.num_res_blocks = static_cast<int>(params.integer("num_res_blocks", kSmall));
  unet.attention_resolutions = params.integers("attention_resolutions", {});
  unet.num_heads = static_cast<int>(params.integer("num_heads", -1, kOptional));
  unet.num_head_channels = static_cast<int>(params.integer("num_head_channels", -1, kOptional));
  unet.transformer_depth = static_cast<int>(params.integer("transformer_depth", 1, kSmall));
  unet.context_channels = params.integer("context_dim");
  if (unet.channel_mult.empty() || unet.channel_mult.size() > 8) {
    fail(ErrorCode::kInvalidFile, "{} has {} levels, wanted 1 to 8", params.where("channel_mult"),
         unet.channel_mult.size());
  }
  if (unet.num_heads <= 0 && unet.num_head_channels <= 0) {
    fail(ErrorCode::kInvalidFile, "neither {} nor num_head_channels is set",
         params.where("num_heads"));
  }
  return unet;
}

AutoencoderKlConfig parse_autoencoder(const YamlReader& part) {
  require_class(part, "AutoencoderKL", "a vector-quantised first stage is not built");
  const YamlReader params = part / "params", networks = params / "ddconfig";
  require_flag(networks, "double_z", true, true);
  require_flag(networks, "resamp_with_conv", true, true);
  require_flag(networks, "use_linear_attn", false, false);
  require_flag(networks, "tanh_out", false, false);
  AutoencoderKlConfig autoencoder;
  autoencoder.latent_channels = params.integer("embed_dim");
  autoencoder.z_channels = networks.integer("z_channels");
  autoencoder.channels = networks.integer("ch");
  autoencoder.channel_mult = networks.integers("ch_mult", {1, 2, 4, 8}, kSmall);
  autoencoder.num_res_blocks = static_cast<int>(networks.integer("num_res_blocks", kSmall));
  autoencoder.picture_channels = networks.integer("out_ch", 3);
  if (autoencoder.channel_mult.empty() || autoencoder.channel_mult.size() > 8) {
    fail(ErrorCode::kInvalidFile, "{} has {} levels, wanted 1 to 8", networks.where("ch_mult"),
         autoencoder.channel_mult.size());
  }
  if (autoencoder.picture_channels != 3) {
    fail(ErrorCode::kUnsupported, "{} is {}, wanted 3 (red, green, blue)", networks.where("out_ch"),
         autoencoder.picture_channels);
  }
  const std::vector<int> resolutions = networks.integers("attn_resolutions", {});
  const auto resolution = networks.integer("resolution", 256);
  for (std::size_t level = 0; level < autoencoder.channel_mult.size(); ++level) {
    if (std::ranges::find(resolutions, resolution >> level) != resolutions.end()) {
      autoencoder.attention_levels.push_back(static_cast<int>(level));
    }
  }
  return autoencoder;
}

BertTextEncoderConfig parse_text_encoder(const YamlReader& part) {
  require_class(part, "BERTEmbedder",
                "the text encoder of latent-diffusion's text-to-image models");
  const YamlReader params = part / "params";
  BertTextEncoderConfig text;
  text.channels = params.integer("n_embed");
  text.depth = static_cast<int>(params.integer("n_layer", kSmall));
  text.vocabulary = params.integer("vocab_size", 30522, {.least = 4, .most = 1 << 24});
  text.tokens = params.integer("max_seq_len", 77, {.least = 2, .most = 4096});
  text.inner = 4 * text.channels;
  return text;
}

ScheduleConfig parse_schedule(const YamlReader& params) {
  return {.kind = beta_schedule_of_ldm(params.text("beta_schedule", "linear")),
          .timesteps = static_cast<int>(params.integer("timesteps", 1000, {.most = 100000})),
          .linear_start = params.number("linear_start", 1e-4),
          .linear_end = params.number("linear_end", 2e-2),
          .cosine_s = params.number("cosine_s", 8e-3)};
}

}  // namespace

void require_agreement(const LdmConfig& config, std::string_view name) {
  const auto require_size = [&](std::string_view what, std::int64_t size, IntegerRange range) {
    if (size >= range.least && size <= range.most) return;
    fail(ErrorCode::kWrongModel, "{} has {} {}, wanted {} to {}", name, size, what, range.least,
         range.most);
  };
  const auto levels_of = [](const std::vector<int>& list) { return std::ssize(list); };
  require_size("latent channels", config.autoencoder.latent_channels, {.most = 1 << 12});
  require_size("channels in its text encoder", config.text.channels, {});
  require_size("positions for word pieces", config.text.tokens, {.least = 2, .most = 4096});
  require_size("words in its vocabulary", config.text.vocabulary, {.least = 4, .most = 1 << 24});
  require_size("levels in its denoiser", levels_of(config.unet.channel_mult), {.most = 8});
  require_size("levels in its autoencoder", levels_of(config.autoencoder.channel_mult),
               {.most = 8});
  if (config.unet.in_channels != config.autoencoder.latent_channels ||
      config.unet.out_channels != config.unet.in_channels) {
    fail(ErrorCode::kUnsupported,
         "{} describes a denoiser with {} channels in and {} out and an autoencoder with {}: a "
         "text-to-image model has the same number in all three (an inpainting or upscaling model "
         "has more)",
         name, config.unet.in_channels, config.unet.out_channels,
         config.autoencoder.latent_channels);
  }
  if (config.unet.context_channels != config.text.channels) {
    fail(ErrorCode::kInvalidFile,
         "{} describes a text encoder with {} channels and a denoiser that wants {}", name,
         config.text.channels, config.unet.context_channels);
  }
  if (!std::isfinite(config.scale_factor) || config.scale_factor == 0) {
    fail(ErrorCode::kInvalidFile, "{} has a scale factor of {}, wanted a number other than 0", name,
         config.scale_factor);
  }
}

LdmConfig parse_ldm_config(std::string_view yaml, std::string_view name) {
  const YamlReader root = YamlReader::parse(yaml, name);
  const YamlReader model = root / "model";
  if (!model.has("params")) {
    fail(ErrorCode::kInvalidFile, "{} is not a latent-diffusion configuration: {} is missing", name,
         model.where("params"));
  }
  require_class(model, "LatentDiffusion", "other kinds of model are not built");
  const YamlReader params = model / "params";
  LdmConfig config;
  config.unet = parse_unet(params / "unet_config");
  config.autoencoder = parse_autoencoder(params / "first_stage_config");
  config.text = parse_text_encoder(params / "cond_stage_config");
  config.schedule = parse_schedule(params);
  config.parameterization = parameterization_named(params.text("parameterization", "eps"));
  config.scale_factor = params.number("scale_factor", 1.0);
  config.use_ema = params.flag("use_ema", true);
  const std::vector<int> size = params.integers("image_size", {32}, {.most = 4096});
  config.native_height = size.empty() ? 32 : size.front();
  config.native_width = size.empty() ? 32 : size.back();
  if (config.scale_factor == 0) {
    fail(ErrorCode::kInvalidFile, "{} is 0", params.where("scale_factor"));
  }
  config.defaults = read_draw_defaults(root / "easel", config.schedule.timesteps);
  require_agreement(config, name);
  return config;
}

LdmConfig read_ldm_config(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (error) {
    fail(std::filesystem::exists(file) ? ErrorCode::kIo : ErrorCode::kNotFound,
         "cannot read the configuration '{}': {}", file.string(), error.message());
  }
  if (bytes > kMostBytes) {
    fail(ErrorCode::kInvalidFile, "the configuration '{}' has {} bytes, wanted at most {}",
         file.string(), bytes, kMostBytes);
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) fail(ErrorCode::kIo, "cannot read the configuration '{}'", file.string());
  return parse_ldm_config(text, fmt::format("'{}'", file.string()));
}

}  // namespace easel
