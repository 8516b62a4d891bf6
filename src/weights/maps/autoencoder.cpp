#include "weights/maps/autoencoder.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.h"
#include "weights/maps/hugging_face.h"

namespace easel {
namespace {

constexpr std::string_view kPlace = "first_stage_model.";

// What a network is made of; training leaves losses and averages beside it.
bool is_of_network(std::string_view name) {
  for (const std::string_view part : {"encoder.", "decoder.", "quant_conv.", "post_quant_conv."}) {
    if (name.starts_with(part)) return true;
  }
  return false;
}

std::string without_place(std::string_view name) {
  for (const std::string_view prefix : {kPlace, std::string_view("vae.")}) {
    if (name.starts_with(prefix)) return std::string(name.substr(prefix.size()));
  }
  return std::string(name);
}

// TAESD's decoder is a torch Sequential, whose first convolution, entry 1, takes a latent. Hugging
// Face counts without the entry before it.
bool is_taesd(const Weights& file) {
  const Weights::Entry* first = file.find("1.weight");
  if (first == nullptr) first = file.find("decoder.layers.0.weight");
  const Shape latent{64, 4, 3, 3};
  return first != nullptr && first->source.shape == latent;
}

std::string taesd_name(std::string_view name) {
  constexpr std::string_view kLayers = "decoder.layers.";
  if (!name.starts_with(kLayers)) {
    return name.starts_with("encoder.") ? std::string() : "taesd." + std::string(name);
  }
  name.remove_prefix(kLayers.size());
  const std::size_t dot = std::min(name.find('.'), name.size());
  const int index = std::atoi(std::string(name.substr(0, dot)).c_str());
  return "taesd." + std::to_string(index + 1) + std::string(name.substr(dot));
}

Weights with_tensors(const Weights& model, const Weights& more, std::string_view instead_of) {
  Weights::Entries entries;
  for (const auto& [name, entry] : model.entries()) {
    if (!name.starts_with(instead_of)) entries.emplace(name, entry);
  }
  entries.insert(more.entries().begin(), more.entries().end());
  return Weights(model.format(), std::move(entries), model.notes(), model.details());
}

}  // namespace

Weights with_autoencoder(const Weights& model, const Weights& file) {
  if (is_taesd(file)) return with_tensors(model, rename(file, taesd_name), "taesd.");
  Weights bare = rename(file, without_place);
  if (bare.contains_prefix("decoder.up_blocks.")) {
    const KeyTable table = hugging_face_autoencoder_table(bare);
    bare = rename(bare, [&](std::string_view name) { return table(name); });
  }
  const Weights placed = rename(bare, [](std::string_view name) {
    return is_of_network(name) ? std::string(kPlace) + std::string(name) : std::string();
  });
  if (!placed.contains("first_stage_model.decoder.conv_in.weight")) {
    fail(ErrorCode::kWrongModel,
         "the file given as an autoencoder holds none: 'decoder.conv_in.weight' is missing");
  }
  return with_tensors(model, placed, kPlace);
}

}  // namespace easel
