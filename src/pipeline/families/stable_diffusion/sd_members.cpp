#include "pipeline/families/stable_diffusion/sd_members.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

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
                         .zero_empty_negative = true,
                         .tiny_autoencoder = "taesdxl"};
constexpr SdMember kRefiner{.name = "Stable Diffusion XL's refiner",
                            .texts = kRefinerTexts,
                            .vector = SdVector::kAesthetic,
                            .scale_factor = 0.13025,
                            .native_side = 1024,
                            .tiny_autoencoder = "taesdxl"};

struct Relative {
  std::string_view part;  // of some tensor's name
  std::string_view name;
};

constexpr std::array kRelatives = {
    Relative{".joint_blocks.", "a Stable Diffusion 3 model (a transformer)"},
    Relative{"double_blocks.", "a Flux model (a transformer)"},
    Relative{".time_mixer.", "a Stable Video Diffusion model"},
    Relative{".time_stack.", "a Stable Video Diffusion model"},
    Relative{"conditioner.embedders.3.", "a Stable Video Diffusion model"},
    Relative{"motion_modules.", "an AnimateDiff motion module"},
    Relative{"cond_stage_model.roberta.", "an AltDiffusion model"},
    Relative{"control_model.", "a ControlNet"},
    Relative{"controlnet_cond_embedding.", "a ControlNet"},
    Relative{"transformer_blocks.0.attn.add_q_proj.", "a Stable Diffusion 3 or Flux transformer"},
};

/// A network that a whole checkpoint has one of, by where its tensors stand.
struct Home {
  std::string_view prefix;
  std::string_view name;
};

constexpr std::array kTextHomes = {
    Home{"cond_stage_model.transformer.text_model.", "Stable Diffusion 1's text encoder"},
    Home{"cond_stage_model.transformer.encoder.", "Stable Diffusion 1's text encoder"},
    Home{"cond_stage_model.transformer.token_emb.", "latent-diffusion's text encoder"},
    Home{"cond_stage_model.model.", "Stable Diffusion 2's text encoder"},
    Home{"cond_stage_model.roberta.", "AltDiffusion's text encoder"},
    Home{"conditioner.embedders.", "Stable Diffusion XL's text encoders"},
};

constexpr std::array kDenoiserHomes = {
    Home{"model.diffusion_model.input_blocks.", "a UNet"},
    Home{"model.diffusion_model.joint_blocks.", "Stable Diffusion 3's transformer"},
    Home{"model.diffusion_model.double_blocks.", "Flux's transformer"},
};

std::string mixture_among(const Weights& weights, std::span<const Home> homes) {
  std::vector<const Home*> found;
  for (const Home& home : homes) {
    if (!weights.contains_prefix(home.prefix)) continue;
    if (found.empty() || found.back()->name != home.name) found.push_back(&home);
  }
  if (found.size() < 2) return "";
  return fmt::format("two models in one file: it holds {} ('{}…') and {} ('{}…')", found[0]->name,
                     found[0]->prefix, found[1]->name, found[1]->prefix);
}

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

std::string name_of_mixture(const Weights& weights) {
  std::string mixture = mixture_among(weights, kTextHomes);
  return mixture.empty() ? mixture_among(weights, kDenoiserHomes) : mixture;
}

std::string name_of_incomplete(const Weights& weights) {
  const auto has = [&](std::string_view prefix) { return weights.contains_prefix(prefix); };
  if (!has("model.diffusion_model.") || find_sd_member(weights) != nullptr) return "";
  const bool first = has("text_encoder.text_model."), second = has("text_encoder_2.text_model.");
  if (has("model.diffusion_model.label_emb.")) {
    return fmt::format("a {} model without its {}", kSdxl.name,
                       first    ? "second text encoder"
                       : second ? "first text encoder"
                                : "text encoders");
  }
  if (first || second || has("cond_stage_model.")) return "";
  const Weights::Entry* context =
      weights.find("model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight");
  if (context == nullptr || context->source.shape.rank() < 2) return "";
  const std::string_view member = member_of_context(context->source.shape[1]);
  return member.empty() ? "" : fmt::format("a {} model without its text encoder", member);
}

std::string_view use_of_channels(std::int64_t in_channels) {
  switch (in_channels) {
    case 5:
      return "for pictures with a depth map";
    case 7:
      return "for enlarging four times (the x4 upscaler)";
    case 8:
      return "for changing pictures by instruction (instruct-pix2pix)";
    case 9:
      return "for inpainting";
    default:
      return "";
  }
}

std::string_view member_of_context(std::int64_t channels) {
  switch (channels) {
    case 768:
      return kSd1.name;
    case 1024:
      return kSd2.name;
    case 1280:
      return kRefiner.name;
    case 2048:
      return kSdxl.name;
    default:
      return "";
  }
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
