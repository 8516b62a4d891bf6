#include "weights/maps/stable_diffusion.h"

#include <array>
#include <string>
#include <string_view>

#include "weights/maps/clip.h"

namespace easel {
namespace {

struct Prefix {
  std::string_view from, to;
};

// Text encoders in transformers' names; the first that fits. NovelAI's lack the `text_model`.
constexpr std::array kTransformers = {
    Prefix{"cond_stage_model.transformer.text_model.", "text_encoder.text_model."},
    Prefix{"cond_stage_model.transformer.embeddings.", "text_encoder.text_model.embeddings."},
    Prefix{"cond_stage_model.transformer.encoder.", "text_encoder.text_model.encoder."},
    Prefix{"cond_stage_model.transformer.final_layer_norm.",
           "text_encoder.text_model.final_layer_norm."},
    Prefix{"conditioner.embedders.0.transformer.", "text_encoder."},
};

constexpr std::array<std::string_view, 2> kUnread = {".position_ids", ".logit_scale"};

// Text encoders in OpenCLIP's names. One that stands alone is SD-Turbo's, or SDXL's refiner's,
// which has the base's second encoder.
std::vector<Prefix> open_clip_prefixes(const Weights& weights) {
  std::vector<Prefix> prefixes = {{"cond_stage_model.model.", "text_encoder."},
                                  {"conditioner.embedders.1.model.", "text_encoder_2."}};
  const bool labelled = weights.contains_prefix("model.diffusion_model.label_emb.");
  prefixes.push_back(
      {"conditioner.embedders.0.model.", labelled ? "text_encoder_2." : "text_encoder."});
  return prefixes;
}

std::string in_transformers_place(std::string_view name) {
  for (const std::string_view ending : kUnread) {
    if (name.ends_with(ending)) return "";
  }
  for (const Prefix& prefix : kTransformers) {
    if (name.starts_with(prefix.from)) {
      return std::string(prefix.to) + std::string(name.substr(prefix.from.size()));
    }
  }
  return std::string(name);
}

}  // namespace

Weights with_stable_diffusion_names(const Weights& weights) {
  Weights named = rename(weights, in_transformers_place);
  for (const Prefix& prefix : open_clip_prefixes(weights)) {
    if (!named.contains_prefix(prefix.from)) continue;
    named = with_transformers_clip_names(named, prefix.from, prefix.to);
  }
  return named;
}

KeyTable same_names_table(const Weights&) { return {}; }

}  // namespace easel
