#include "pipeline/families/other_files.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

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

}  // namespace

std::string name_by_signs(const Weights& weights) {
  if (has_infix(weights, "lora_down.") || has_infix(weights, ".lora_A.")) {
    return "a LoRA: changes to another model's weights";
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
