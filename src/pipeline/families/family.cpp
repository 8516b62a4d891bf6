#include "pipeline/families/family.h"

#include <fmt/format.h>

#include <array>

#include "core/error.h"
#include "weights/maps/esrgan.h"

namespace easel {
namespace {

constexpr std::string_view kUNet = "model.diffusion_model.";
constexpr std::string_view kTextToImageAdvice =
    "for drawing, give a latent-diffusion text-to-image checkpoint such as text2img-large "
    "('easel fetch ldm-text2img-large')";
constexpr std::string_view kUpscalerAdvice =
    "for enlarging, give an ESRGAN or Real-ESRGAN file such as RealESRGAN_x4plus.pth";

bool has_leaf(const Weights& weights, std::string_view ending) {
  for (const auto& [name, entry] : weights.entries()) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

bool has_infix(const Weights& weights, std::string_view part) {
  for (const auto& [name, entry] : weights.entries()) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

std::int64_t dimension(const Weights& weights, std::string_view name, int i) {
  const Weights::Entry* entry = weights.find(name);
  return entry == nullptr || entry->source.shape.rank() <= i ? 0 : entry->source.shape[i];
}

ModelFamily nothing(std::string name, std::string_view advice = kTextToImageAdvice) {
  return {.name = std::move(name), .use = ModelUse::kNothing, .advice = std::string(advice)};
}

// A training checkpoint of latent-diffusion or one of its descendants.
ModelFamily recognise_latent_diffusion(const Weights& weights) {
  const auto has = [&](std::string_view prefix) { return weights.contains_prefix(prefix); };
  if (has("conditioner.embedders.")) return nothing("a Stable Diffusion XL checkpoint");
  if (has("cond_stage_model.transformer.text_model.") ||
      has("cond_stage_model.transformer.embeddings.")) {
    return nothing("a Stable Diffusion 1 checkpoint (with a CLIP text encoder)");
  }
  if (has("cond_stage_model.model.")) {
    return nothing("a checkpoint with an OpenCLIP text encoder (Stable Diffusion 2)");
  }
  if (has("cond_stage_model.embedding.")) {
    return nothing(
        "a class-conditional latent-diffusion model (it draws class numbers, not words)");
  }
  if (has("first_stage_model.quantize.")) {
    return nothing("a latent-diffusion model with a vector-quantised first stage");
  }
  const std::int64_t in = dimension(weights, "model.diffusion_model.input_blocks.0.0.weight", 1);
  const std::int64_t out = dimension(weights, "model.diffusion_model.out.2.weight", 0);
  if (in != out && out > 0) {
    return nothing(
        fmt::format("a latent-diffusion model for inpainting or enlarging (its denoiser "
                    "has {} channels in and {} out)",
                    in, out));
  }
  if (has("cond_stage_model.transformer.token_emb.")) {
    if (has("first_stage_model.decoder.")) {
      return {.name = "a latent-diffusion text-to-image model",
              .use = ModelUse::kTextToImage,
              .advice = "'easel draw' draws with it"};
    }
    return nothing("a latent-diffusion checkpoint without its autoencoder");
  }
  if (has("cond_stage_model.")) {
    return nothing("a latent-diffusion model with a text encoder or condition that is not built");
  }
  return nothing("an unconditional latent-diffusion model (it draws without words)");
}

struct Sign {
  std::string_view prefix;  // of some tensor's name
  std::string_view name;
};

// Other files that people have, by a name that only they hold; the first that fits.
constexpr std::array kSigns = {
    Sign{"clip_proj.", "a glid-3-xl denoiser (it needs CLIP beside BERT)"},
    Sign{"external_block.", "a glid-3-xl upscaling denoiser"},
    Sign{"model_first_steps.", "a Karlo super-resolution model"},
    Sign{"encoder_pooling.", "a DeepFloyd IF denoiser"},
    Sign{"down_blocks.", "one part of a diffusers model (a UNet or an autoencoder by itself)"},
    Sign{"transformer.token_emb.", "a BERT text encoder by itself (glid-3-xl's bert.pt)"},
    Sign{"model.embed_tokens.", "one part of a model by itself (a text encoder)"},
    Sign{"string_to_param", "a textual-inversion embedding"},
    Sign{"emb_params", "a textual-inversion embedding"},
    Sign{"text_model.", "a CLIP text encoder by itself"},
    Sign{"visual.", "a CLIP model"},
    Sign{"control_model.", "a ControlNet"},
    Sign{"stylegan_decoder.", "a GFPGAN face restorer"},
    Sign{"layers.0.residual_group.", "a SwinIR or HAT upscaler, a network that is not built"},
    Sign{"conv_first.", "an upscaler of another family than ESRGAN's (EDSR, RCAN or the like)"},
    Sign{"quantize.embedding.", "a vector-quantised autoencoder by itself"},
    Sign{"post_quant_conv.", "an autoencoder by itself"},
    Sign{"decoder.conv_in.", "an autoencoder by itself"},
    Sign{"layer1.0.conv1.", "a classifier (a ResNet)"},
    Sign{"features.0.", "a classifier (VGG, AlexNet, MobileNet or the like)"},
    Sign{"classifier.", "a classifier"},
    Sign{"fc.", "a classifier"},
    Sign{"head.", "a classifier"},
    Sign{"bert.", "a BERT language model"},
    Sign{"model.layers.0.self_attn.", "a language model"},
};

ModelFamily recognise_by_signs(const Weights& weights) {
  if (has_infix(weights, "lora_down.") || has_infix(weights, ".lora_A.")) {
    return nothing("a LoRA: changes to another model's weights");
  }
  for (const Sign& sign : kSigns) {
    if (!weights.contains_prefix(sign.prefix)) continue;
    return nothing(std::string(sign.name));
  }
  if (weights.contains_prefix("input_blocks.")) {
    return nothing(
        "a denoiser by itself, without text encoder and autoencoder (as glid-3-xl has "
        "them)");
  }
  if (has_leaf(weights, "running_mean")) return nothing("a classifier or the like");
  std::string some;
  for (const auto& [name, entry] : weights.entries()) {
    some += fmt::format("{}'{}'", some.empty() ? "" : ", ", name.substr(0, 60));
    if (some.size() > 80) break;
  }
  return nothing(fmt::format("a file of {} tensors ({}{})", weights.entries().size(), some,
                             some.empty() ? "none" : ", …"));
}

}  // namespace

ModelFamily recognise(const Weights& weights) {
  if (weights.contains_prefix(kUNet)) return recognise_latent_diffusion(weights);
  if (holds_esrgan(weights)) {
    return {.name = "an ESRGAN upscaler",
            .use = ModelUse::kUpscale,
            .advice = "'easel upscale' enlarges with it"};
  }
  return recognise_by_signs(weights);
}

void require_use(const Weights& weights, ModelUse use, std::string_view path) {
  const ModelFamily family = recognise(weights);
  if (family.use == use) return;
  const bool drawing = use == ModelUse::kTextToImage;
  fail(ErrorCode::kWrongModel, "'{}' is {} and cannot {}; {}{}", path, family.name,
       drawing ? "draw from words" : "enlarge pictures",
       family.use == ModelUse::kNothing ? "" : family.advice + "; ",
       drawing ? kTextToImageAdvice : kUpscalerAdvice);
}

}  // namespace easel
