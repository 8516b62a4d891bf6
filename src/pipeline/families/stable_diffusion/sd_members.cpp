#include "pipeline/families/stable_diffusion/sd_members.h"

#include <array>
#include <string>

namespace easel {
namespace {

constexpr std::int32_t kEnd = 49407;

constexpr std::array kSd1Texts = {SdText{.scope = "text_encoder", .reading = {.may_skip = true}}};

constexpr std::array kSd2Texts = {SdText{.scope = "text_encoder",
                                         .activation = Activation::kGelu,
                                         .reading = {.skip = 1, .padding = 0}}};

constexpr SdText kBigG{.scope = "text_encoder_2",
                       .activation = Activation::kGelu,
                       .reading = {.skip = 1, .final_norm = false, .pooled = true, .padding = 0}};

constexpr std::array kSdxlTexts = {
    SdText{.scope = "text_encoder", .reading = {.skip = 1, .final_norm = false, .padding = kEnd}},
    kBigG};

constexpr std::array kRefinerTexts = {kBigG};

constexpr SdMember kSd1{.name = "Stable Diffusion 1", .texts = kSd1Texts, .head_channels = 0};
constexpr SdMember kSd2{.name = "Stable Diffusion 2", .texts = kSd2Texts, .needs_probe = true};
constexpr SdMember kSdxl{.name = "Stable Diffusion XL",
                         .texts = kSdxlTexts,
                         .vector = SdVector::kSizes,
                         .scale_factor = 0.13025,
                         .native_side = 1024,
                         .zero_empty_negative = true};
constexpr SdMember kRefiner{.name = "Stable Diffusion XL's refiner",
                            .texts = kRefinerTexts,
                            .vector = SdVector::kAesthetic,
                            .scale_factor = 0.13025,
                            .native_side = 1024};

struct Relative {
  std::string_view part;  // of some tensor's name
  std::string_view name;
};

constexpr std::array kRelatives = {
    Relative{".joint_blocks.", "a Stable Diffusion 3 model (a transformer)"},
    Relative{"double_blocks.", "a Flux model (a transformer)"},
    Relative{".time_mixer.", "a Stable Video Diffusion model"},
    Relative{".time_stack.", "a Stable Video Diffusion model"},
    Relative{"motion_modules.", "an AnimateDiff motion module"},
    Relative{"cond_stage_model.roberta.", "an AltDiffusion model"},
    Relative{"control_model.", "a ControlNet"},
    Relative{"controlnet_cond_embedding.", "a ControlNet"},
    Relative{"transformer_blocks.0.attn.add_q_proj.", "a Stable Diffusion 3 or Flux transformer"},
};

// The second generation's denoiser attends to 1,024 channels where the first one's does to 768. Of
// other widths (fixtures, experiments) its linear projections tell, which were 1x1 convolutions.
bool is_second_generation(const Weights& weights) {
  const auto shape_of = [&](std::string_view name) {
    const Weights::Entry* entry = weights.find(name);
    return entry == nullptr ? Shape() : entry->source.shape;
  };
  const Shape context =
      shape_of("model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight");
  if (context.rank() > 1 && context[1] == 1024) return true;
  if (context.rank() > 1 && context[1] == 768) return false;
  return shape_of("model.diffusion_model.middle_block.1.proj_in.weight").rank() == 2;
}

}  // namespace

std::string_view name_of_relative(const Weights& weights) {
  for (const Relative& relative : kRelatives) {
    for (const auto& [name, entry] : weights.entries()) {
      if (name.find(relative.part) != std::string::npos) return relative.name;
    }
  }
  return "";
}

const SdMember* find_sd_member(const Weights& weights) {
  const auto has = [&](std::string_view prefix) { return weights.contains_prefix(prefix); };
  if (!has("model.diffusion_model.")) return nullptr;
  const bool first = has("text_encoder.text_model."), second = has("text_encoder_2.text_model.");
  const bool labelled = has("model.diffusion_model.label_emb.");
  if (first && second) return labelled ? &kSdxl : nullptr;
  if (second) return labelled ? &kRefiner : nullptr;
  if (!first || labelled) return nullptr;
  return is_second_generation(weights) ? &kSd2 : &kSd1;
}

}  // namespace easel
