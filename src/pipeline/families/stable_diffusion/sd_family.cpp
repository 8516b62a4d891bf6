#include "pipeline/families/stable_diffusion/sd_family.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "pipeline/diffusing/diffusion_model.h"
#include "pipeline/drawing/model_files.h"
#include "pipeline/families/other_files.h"
#include "pipeline/families/stable_diffusion/sd_config.h"
#include "pipeline/families/stable_diffusion/sd_embeddings.h"
#include "pipeline/families/stable_diffusion/sd_measuring.h"
#include "pipeline/families/stable_diffusion/sd_preview_decoder.h"
#include "pipeline/families/stable_diffusion/sd_probe.h"
#include "pipeline/families/stable_diffusion/sd_prompt_encoder.h"
#include "pipeline/families/stable_diffusion/sd_vocabulary.h"
#include "pipeline/parts/kl_codec.h"
#include "pipeline/parts/taesd_codec.h"
#include "weights/changes/eight_bits.h"
#include "weights/changes/lora.h"
#include "weights/maps/hugging_face.h"
#include "weights/maps/stable_diffusion.h"
#include "weights/scope.h"

namespace easel {
namespace {

constexpr int kMaxSide = 2048;

constexpr std::array kParts = {
    NamedPart{"text_encoder", "text encoder"},
    NamedPart{"text_encoder_2", "second text encoder"},
    NamedPart{"conditioner.embedders.0", "text encoder"},
    NamedPart{"conditioner.embedders.1", "second text encoder"},
};

constexpr std::array kFolder = {
    FolderPart{{"unet", "unet"}, "model.diffusion_model.", hugging_face_unet_table},
    FolderPart{{"vae", "vqvae"}, "first_stage_model.", hugging_face_autoencoder_table},
    FolderPart{{"text_encoder", "text_encoder"}, "text_encoder.", same_names_table, true},
    FolderPart{{"text_encoder_2", "text_encoder_2"}, "text_encoder_2.", same_names_table, true},
};

constexpr std::string_view kAdvice =
    "for drawing, give a Stable Diffusion 1, 2 or XL model, or latent-diffusion's "
    "('easel fetch ldm-text2img-large')";

std::int64_t dimension(const Weights& weights, std::string_view name, int i) {
  const Weights::Entry* entry = weights.find(name);
  return entry == nullptr || entry->source.shape.rank() <= i ? 0 : entry->source.shape[i];
}

ModelKind nothing_to_draw_with(std::string name) {
  return {.name = std::move(name), .use = ModelUse::kNothing, .advice = std::string(kAdvice)};
}

// A model whose denoiser sees more than latents and words cannot draw from words alone.
std::optional<ModelKind> kind_of(const Weights& weights) {
  if (std::string mixture = name_of_mixture(weights); !mixture.empty()) {
    return nothing_to_draw_with(std::move(mixture));
  }
  if (const std::string_view relative = name_of_relative(weights); !relative.empty()) {
    return nothing_to_draw_with(std::string(relative));
  }
  if (!weights.contains_prefix("model.diffusion_model.")) return std::nullopt;
  const Weights named = with_stable_diffusion_names(weights);
  if (std::string incomplete = name_of_incomplete(named); !incomplete.empty()) {
    return nothing_to_draw_with(std::move(incomplete));
  }
  const SdMember* member = find_sd_member(named);
  if (member == nullptr) return std::nullopt;
  const std::string name = fmt::format("a {} model", member->name);
  const auto refused = [&](std::string_view what) {
    return nothing_to_draw_with(fmt::format("{} {}", name, what));
  };
  const bool tiny = named.contains_prefix("taesd.");
  if (!tiny && !named.contains_prefix("first_stage_model.decoder.")) {
    return refused("without its autoencoder (give one with --vae)");
  }
  const std::int64_t in = dimension(named, "model.diffusion_model.input_blocks.0.0.weight", 1);
  const std::int64_t latent =
      tiny ? 4 : dimension(named, "first_stage_model.post_quant_conv.weight", 1);
  if (in != latent && in != 2 * latent && in != 2 * latent + 1) {
    const std::string_view use = use_of_channels(in);
    return refused(fmt::format("{} (its denoiser has {} channels in, its latents have {})",
                               use.empty() ? "of a kind that is not built" : use, in, latent));
  }
  return ModelKind{
      .name = name, .use = ModelUse::kTextToImage, .advice = "'easel draw' draws with it"};
}

// A file whose names contradict each other is named too.
std::optional<ModelKind> recognise(const Weights& weights) {
  try {
    return kind_of(weights);
  } catch (const Error& error) {
    return nothing_to_draw_with(fmt::format("a damaged Stable Diffusion model ({})", error.what()));
  }
}

SdConfig read_config(const ModelFiles& files, const Weights& named) {
  SdConfig config = sd_config_from_shapes(named);
  if (named.format() == WeightsFormat::kHuggingFaceFolder) {
    read_sd_folder(files.location.path, config);
  } else if (const auto file = find_config(files.location)) {
    read_sd_yaml(*file, config);
  }
  return config;
}

ModelInfo info_of(const SdConfig& config, const std::filesystem::path& path,
                  const DiffusionParts& parts) {
  const LatentFacts latent = parts.codec->facts();
  const std::filesystem::path folder = path.has_filename() ? path : path.parent_path();
  return {.family = std::string(config.member->name),
          .name = folder.filename().string(),
          .native_width = config.native_width * latent.factor,
          .native_height = config.native_height * latent.factor,
          .size_multiple = config.size_multiple(),
          .max_side = kMaxSide,
          .latent_channels = latent.channels,
          .latent_factor = latent.factor,
          .tokens = static_cast<int>(config.texts.front().network.tokens),
          .schedule_steps = config.schedule.timesteps,
          .parameterization = parts.probe != nullptr
                                  ? "eps or v (asked of the denoiser when it is loaded)"
                                  : std::string(name_of(parts.parameterization)),
          .defaults = config.defaults,
          .reads_signs = true,
          .parameters = parts.prompts->parameters() + parts.unet->parameters() +
                        parts.codec->parameters() + parts.codec->other_parameters(),
          .notes = config.notes};
}

// "'style.safetensors' changes 264 modules; 2 that it has are not in the model ('…')"
std::string note_of(const LoraFile& lora, const LoraReport& report) {
  std::string note =
      fmt::format("LoRA '{}' changes {} modules", lora.path.stem().string(), report.changed);
  if (report.unmatched.empty()) return note;
  return note + fmt::format("; {} of its modules are not in the model ('{}'{})",
                            report.unmatched.size(), printable(report.unmatched.front()),
                            report.unmatched.size() > 1 ? ", …" : "");
}

std::vector<std::string> names_of(const std::vector<LoraFile>& loras) {
  std::vector<std::string> names;
  for (const LoraFile& lora : loras) names.push_back(lora.path.stem().string());
  return names;
}

// A LoRA's own words or, where its changes of cross-attention are of another width, what has that.
void require_base(const Weights& file, const LoraFile& lora, const SdConfig& config) {
  const std::int64_t channels = lora_context_channels(file);
  if (channels == 0 || channels == config.unet.context_channels) return;
  const std::string_view base = member_of_context(channels);
  fail(ErrorCode::kWrongModel,
       "'{}' is a LoRA for {} ({} channels of context), the model is {} ({})", lora.path.string(),
       base.empty() ? "another kind of model" : base, channels, config.member->name,
       config.unet.context_channels);
}

Weights with_changes(const Weights& named, const LoraFile& lora, SdConfig& config) {
  const Weights file = open_weights(lora.path);
  if (!is_lora(file)) {
    const auto kind = recognise(file);
    fail(ErrorCode::kWrongModel, "'{}' is {}, wanted a LoRA", lora.path.string(),
         kind ? kind->name : name_by_signs(file));
  }
  require_base(file, lora, config);
  LoraReport report;
  Weights changed = with_lora(named, file, lora.strength, report);
  if (!report.unknown.empty()) {
    fail(ErrorCode::kUnsupported, "'{}' holds changes of a kind that is not built ('{}')",
         lora.path.string(), printable(report.unknown.front()));
  }
  if (report.changed == 0) {
    fail(ErrorCode::kWrongModel, "no module of '{}' is in the model{}: it is for another kind",
         lora.path.string(),
         report.base.empty() ? "" : fmt::format(" (it was trained on {})", printable(report.base)));
  }
  config.notes.push_back(note_of(lora, report));
  return changed;
}

// With LoRAs, and in 8 bits where that is wanted.
std::unique_ptr<const Weights> changed_weights(Weights named, const std::vector<LoraFile>& loras,
                                               const DrawingOptions& options, SdConfig& config) {
  for (const LoraFile& lora : loras) named = with_changes(named, lora, config);
  if (options.eight_bits) named = in_eight_bits(named);
  return std::make_unique<const Weights>(std::move(named));
}

std::unique_ptr<LatentCodec> make_codec(Backend& backend, const Scope& root,
                                        const SdConfig& config) {
  if (root.has_scope("taesd")) return std::make_unique<TaesdCodec>(backend, root / "taesd");
  return std::make_unique<KlCodec>(backend, KlCodec::Spec{.scope = root / "first_stage_model",
                                                          .config = config.autoencoder,
                                                          .scale_factor = config.scale_factor});
}

std::unique_ptr<MeasuredModel> measure(const ModelFiles* files) {
  const Weights named = with_stable_diffusion_names(files->weights);
  return measure_diffusion(sizes_of(read_config(*files, named)));
}

std::unique_ptr<DrawingModel> open(ModelFiles files, const DrawingOptions& options) {
  return std::make_unique<DiffusionModel>(open_stable_diffusion(std::move(files), options),
                                          options);
}

}  // namespace

Family stable_diffusion_family() {
  return {.name = "Stable Diffusion",
          .use = ModelUse::kTextToImage,
          .advice = kAdvice,
          .recognise = recognise,
          .parts = kParts,
          .folder = kFolder,
          .open = open,
          .takes_loras = true,
          .measure = measure};
}

DiffusionParts open_stable_diffusion(ModelFiles files, const DrawingOptions& options) {
  Weights named = with_stable_diffusion_names(files.weights);
  SdConfig config = read_config(files, named);
  if (files.location.prediction) {
    config.parameterization = files.location.prediction;
    config.parameterization_from = "the one who asked";
  }
  auto weights = changed_weights(std::move(named), files.location.loras, options, config);
  require_agreement(config, "the model");
  const Scope root(*weights);
  DiffusionParts parts{.backend = make_backend(options.backend),
                       .weights = std::move(weights),
                       .info = {},
                       .schedule = config.schedule,
                       .parameterization = config.parameterization.value_or(Parameterization::kEps),
                       .probe = config.parameterization || !config.member->needs_probe
                                    ? nullptr
                                    : probe_parameterization,
                       .timestep_rule = config.timestep_rule,
                       .prompts = nullptr,
                       .unet = nullptr,
                       .codec = nullptr};
  parts.unet =
      std::make_unique<UNetPart>(*parts.backend, root / "model" / "diffusion_model", config.unet);
  parts.codec = make_codec(*parts.backend, root, config);
  parts.prompts = std::make_unique<SdPromptEncoder>(
      *parts.backend, SdPromptEncoder::Spec{.scope = root,
                                            .texts = config.texts,
                                            .vector = config.member->vector,
                                            .zero_empty_negative = config.zero_empty_negative,
                                            .tokenizer = find_clip_vocabulary(files.location),
                                            .embeddings = open_embeddings(files.location.embeddings,
                                                                          config, config.notes),
                                            .networks = names_of(files.location.loras),
                                            .remembered = options.cached_prompts});
  add_preview_decoder(files.location, config, parts);
  parts.info = info_of(config, files.location.path, parts);
  return parts;
}

}  // namespace easel
