#include "pipeline/families/other_files.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "weights/changes/lora.h"

namespace easel {
namespace {

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

// The shape of a tensor, or of none.
Shape shape_of(const Weights& weights, std::string_view name) {
  const Weights::Entry* entry = weights.find(name);
  return entry == nullptr ? Shape() : entry->source.shape;
}

// What is told by a first layer's shape; empty for other files.
std::string_view name_by_shapes(const Weights& weights) {
  const Shape rgb{64, 3, 3, 3}, latent{64, 4, 3, 3};
  if (shape_of(weights, "0.weight") == rgb && weights.contains("1.conv.0.weight")) {
    return "TAESD's encoder";
  }
  if (shape_of(weights, "1.weight") == latent) return "TAESD's decoder (give it with --vae)";
  if (weights.contains_prefix("model.diffusion_model.")) return "";
  for (const std::string_view place : {"", "first_stage_model.", "vae."}) {
    const Shape in = shape_of(weights, std::string(place) + "decoder.conv_in.weight");
    if (in.rank() != 4) continue;
    if (in[1] == 4) return "an autoencoder by itself (give it with --vae)";
    return "an autoencoder of another family (its latents have more channels than 4)";
  }
  return "";
}

// One matrix or vector as wide as a text encoder of CLIP's, or XL's two.
bool is_embedding(const Weights& weights) {
  if (weights.contains("clip_l") && weights.contains("clip_g")) return true;
  if (weights.entries().size() != 1) return false;
  const Shape& shape = weights.entries().begin()->second.source.shape;
  if (shape.rank() != 1 && shape.rank() != 2) return false;
  const std::int64_t width = shape[shape.rank() - 1];
  return width == 768 || width == 1024 || width == 1280;
}

}  // namespace

std::string name_by_signs(const Weights& weights) {
  if (is_lora(weights) || has_infix(weights, "lora_down.") || has_infix(weights, ".lora_A.")) {
    return "a LoRA: changes to another model's weights";
  }
  if (is_embedding(weights)) return "a textual-inversion embedding";
  if (const std::string_view shapes = name_by_shapes(weights); !shapes.empty()) {
    return std::string(shapes);
  }
  for (const Sign& sign : kSigns) {
    if (!weights.contains_prefix(sign.prefix)) continue;
    return std::string(sign.name);
  }
  if (weights.contains_prefix("input_blocks.")) {
    return "a denoiser by itself, without text encoder and autoencoder (as glid-3-xl has them)";
  }
  if (has_leaf(weights, "running_mean")) return "a classifier or the like";
  std::string some;
  for (const auto& [name, entry] : weights.entries()) {
    some += fmt::format("{}'{}'", some.empty() ? "" : ", ", name.substr(0, 60));
    if (some.size() > 80) break;
  }
  return fmt::format("a file of {} tensors ({}{})", weights.entries().size(), some,
                     some.empty() ? "none" : ", …");
}

}  // namespace easel
