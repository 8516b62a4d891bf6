#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "weights/weights.h"

namespace easel {

/// The modules of a Stable Diffusion model by the names that trainers of small changes give them.
/// Dots become underscores there, which cannot be undone: so every module's possible names are made
/// from the model, and a change's name is looked up among them.
///
///     lora_unet_down_blocks_0_attentions_0_proj_in, lora_unet_input_blocks_1_1_proj_in,
///     unet.down_blocks.0.attentions.0.proj_in   -> model.diffusion_model.input_blocks.1.1.proj_in
///     lora_te2_text_model_encoder_layers_0_mlp_fc1, text_encoder_2.text_model.…
class ModuleNames {
 public:
  /// `model` in the names of weights/maps/stable_diffusion.h.
  explicit ModuleNames(const Weights& model);

  /// The module's name in the model, without its leaf ("weight").
  std::optional<std::string> find(std::string_view name) const;

 private:
  void add(std::string_view part, std::string_view path, const std::string& module);

  std::map<std::string, std::string, std::less<>> modules_;
};

}  // namespace easel
