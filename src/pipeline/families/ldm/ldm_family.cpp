#include "pipeline/families/ldm/ldm_family.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/error.h"
#include "pipeline/diffusing/diffusion_model.h"
#include "pipeline/diffusing/measured_diffusion.h"
#include "pipeline/drawing/model_files.h"
#include "pipeline/families/ldm/ldm_prompt_encoder.h"
#include "pipeline/families/ldm/ldm_vocabulary.h"
#include "pipeline/parts/kl_codec.h"
#include "weights/changes/eight_bits.h"
#include "weights/maps/ema.h"
#include "weights/maps/hugging_face.h"
#include "weights/scope.h"

namespace easel {
namespace {

constexpr int kMaxSide = 2048;

constexpr std::array kParts = {
    NamedPart{"model.diffusion_model", "UNet"},
    NamedPart{"first_stage_model.encoder", "autoencoder, encoder"},
    NamedPart{"first_stage_model", "autoencoder, decoder"},
    NamedPart{"cond_stage_model", "text encoder"},
    NamedPart{"model_ema", "averaged weights"},
};

constexpr std::array kFolder = {
    FolderPart{{"unet", "unet"}, "model.diffusion_model.", hugging_face_unet_table},
    FolderPart{{"vqvae", "vae"}, "first_stage_model.", hugging_face_autoencoder_table},
    FolderPart{{"bert", "bert"}, "cond_stage_model.transformer.", hugging_face_bert_table},
};

constexpr std::string_view kAdvice =
    "for drawing, give a latent-diffusion text-to-image checkpoint such as text2img-large "
    "('easel fetch ldm-text2img-large')";

std::int64_t dimension(const Weights& weights, std::string_view name, int i) {
  const Weights::Entry* entry = weights.find(name);
  return entry == nullptr || entry->source.shape.rank() <= i ? 0 : entry->source.shape[i];
}

ModelKind relative(std::string name) {
  return {.name = std::move(name), .use = ModelUse::kNothing, .advice = std::string(kAdvice)};
}

// A training checkpoint of latent-diffusion or one of its descendants.
std::optional<ModelKind> recognise_ldm(const Weights& weights) {
  const auto has = [&](std::string_view prefix) { return weights.contains_prefix(prefix); };
  if (!has("model.diffusion_model.")) return std::nullopt;
  if (has("cond_stage_model.embedding.")) {
    return relative(
        "a class-conditional latent-diffusion model (it draws class numbers, not words)");
  }
  if (has("first_stage_model.quantize.")) {
    return relative("a latent-diffusion model with a vector-quantised first stage");
  }
  const std::int64_t in = dimension(weights, "model.diffusion_model.input_blocks.0.0.weight", 1);
  const std::int64_t out = dimension(weights, "model.diffusion_model.out.2.weight", 0);
  if (in != out && out > 0) {
    return relative(
        fmt::format("a latent-diffusion model for inpainting or enlarging (its denoiser "
                    "has {} channels in and {} out)",
                    in, out));
  }
  if (has("cond_stage_model.transformer.token_emb.")) {
    if (has("first_stage_model.decoder.")) {
      return ModelKind{.name = "a latent-diffusion text-to-image model",
                       .use = ModelUse::kTextToImage,
                       .advice = "'easel draw' draws with it"};
    }
    return relative("a latent-diffusion checkpoint without its autoencoder");
  }
  if (has("cond_stage_model.")) {
    return relative("a latent-diffusion model with a text encoder or condition that is not built");
  }
  return relative("an unconditional latent-diffusion model (it draws without words)");
}

LdmConfig read_config(const ModelFiles& files) {
  if (const auto file = find_config(files.location)) return read_ldm_config(*file);
  if (files.weights.format() == WeightsFormat::kHuggingFaceFolder) {
    return ldm_config_from_hugging_face(files.location.path, files.weights);
  }
  return ldm_config_from_shapes(files.weights);
}

Weights choose_averaged(Weights weights, LdmConfig& config) {
  if (has_ema(weights)) {
    if (config.use_ema) {
      weights = with_ema(weights);
      config.notes.emplace_back("the averaged (EMA) weights are used");
    } else {
      config.notes.emplace_back("the file's averaged (EMA) weights are not used: use_ema is false");
    }
  }
  for (const std::string& note : weights.notes()) config.notes.push_back(note);
  return weights;
}

ModelInfo info_of(const LdmConfig& config, const std::filesystem::path& path,
                  const DiffusionParts& parts) {
  const LatentFacts latent = parts.codec->facts();
  const std::filesystem::path folder = path.has_filename() ? path : path.parent_path();
  return {.family = "latent-diffusion text-to-image",
          .name = folder.filename().string(),
          .native_width = config.native_width * latent.factor,
          .native_height = config.native_height * latent.factor,
          .size_multiple = config.size_multiple(),
          .max_side = kMaxSide,
          .latent_channels = latent.channels,
          .latent_factor = latent.factor,
          .tokens = static_cast<int>(config.text.tokens),
          .schedule_steps = config.schedule.timesteps,
          .parameterization = std::string(name_of(config.parameterization)),
          .defaults = config.defaults,
          .parameters = parts.prompts->parameters() + parts.unet->parameters() +
                        parts.codec->parameters() + parts.codec->other_parameters(),
          .notes = config.notes};
}

std::unique_ptr<DrawingModel> open(ModelFiles files, const DrawingOptions& options) {
  return std::make_unique<DiffusionModel>(open_ldm(std::move(files), options), options);
}

MeasuredSizes sizes_of(const LdmConfig& config) {
  return {.unet = config.unet,
          .autoencoder = config.autoencoder,
          .scale_factor = config.scale_factor,
          .native_height = config.native_height,
          .native_width = config.native_width,
          .schedule = config.schedule,
          .parameterization = config.parameterization,
          .timestep_rule = config.timestep_rule,
          .defaults = config.defaults,
          .tokens = config.text.tokens,
          .text = [text = config.text](const Place& at) -> MeasuredSizes::Encode {
            return [text, encoder = std::make_shared<BertTextEncoder>(at, text)](int prompts) {
              const auto count = static_cast<std::size_t>(prompts * text.tokens);
              return (*encoder)(std::vector<std::int32_t>(count, 1));
            };
          }};
}

std::unique_ptr<MeasuredModel> measure(const ModelFiles* files) {
  LdmConfig config;  // the numbers of text2img-large
  if (files != nullptr) config = read_config(*files);
  if (files != nullptr && !files->weights.entries().empty()) {
    complete_from_weights(config, files->weights);
  }
  return measure_diffusion(sizes_of(config));
}

}  // namespace

Family ldm_family() {
  return {.name = "latent-diffusion",
          .use = ModelUse::kTextToImage,
          .advice = kAdvice,
          .recognise = recognise_ldm,
          .parts = kParts,
          .folder = kFolder,
          .open = open,
          .published = "ldm-large",
          .measure = measure};
}

DiffusionParts make_ldm_parts(LdmSource source, std::unique_ptr<Backend> backend, int remembered) {
  LdmConfig& config = source.config;
  complete_from_weights(config, *source.weights);
  require_agreement(config, "the model");
  const Scope root(*source.weights);
  DiffusionParts parts{.backend = std::move(backend),
                       .weights = std::move(source.weights),
                       .info = {},
                       .schedule = config.schedule,
                       .parameterization = config.parameterization,
                       .timestep_rule = config.timestep_rule,
                       .prompts = nullptr,
                       .unet = nullptr,
                       .codec = nullptr};
  parts.unet =
      std::make_unique<UNetPart>(*parts.backend, root / "model.diffusion_model", config.unet);
  parts.codec =
      std::make_unique<KlCodec>(*parts.backend, KlCodec::Spec{.scope = root / "first_stage_model",
                                                              .config = config.autoencoder,
                                                              .scale_factor = config.scale_factor});
  parts.prompts = std::make_unique<LdmPromptEncoder>(
      *parts.backend, LdmPromptEncoder::Spec{.scope = root / "cond_stage_model.transformer",
                                             .config = config.text,
                                             .tokenizer = source.find_tokenizer(),
                                             .known = std::move(source.known),
                                             .remembered = remembered});
  return parts;
}

DiffusionParts open_ldm(ModelFiles files, const DrawingOptions& options) {
  LdmSource source{.weights = nullptr, .config = read_config(files), .find_tokenizer = {}};
  Weights weights = choose_averaged(std::move(files.weights), source.config);
  if (options.eight_bits) weights = in_eight_bits(weights);
  source.weights = std::make_unique<const Weights>(std::move(weights));
  source.find_tokenizer = [&, size = source.config.text.vocabulary] {
    return find_vocabulary(files.location, size);
  };
  source.known = find_known_words(files.location);
  const LdmConfig config = source.config;
  DiffusionParts parts =
      make_ldm_parts(std::move(source), make_backend(options.backend), options.cached_prompts);
  parts.info = info_of(config, files.location.path, parts);
  return parts;
}

}  // namespace easel
