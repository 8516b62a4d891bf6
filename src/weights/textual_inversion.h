#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/weights.h"

namespace easel {

/// An embedding that a prompt may name: vectors that stand for its name's tokens.
struct TextualInversion {
  struct Vectors {
    int count = 0;
    int width = 0;
    std::vector<float> values;  ///< [count, width]
  };
  std::string name;                    ///< the file's, without its ending: what A1111 knows it by
  std::string token;                   ///< "<cat-toy>", what diffusers knows it by, or empty
  Vectors first;                       ///< of the only text encoder, or of XL's CLIP-L
  std::optional<Vectors> second = {};  ///< of XL's OpenCLIP bigG
};

/// Reads an embedding in any of the forms people have: A1111's .pt (`string_to_param`), diffusers'
/// .bin (one tensor by its token), .safetensors (`emb_params`), XL's (`clip_l` and `clip_g`).
/// `name` is the file's. Throws kWrongModel for a file that holds something else, kInvalidFile for
/// values that are no numbers.
TextualInversion read_textual_inversion(const Weights& weights, std::string name);
/// The same from a file; throws as open_weights() as well.
TextualInversion open_textual_inversion(const std::filesystem::path& file);

/// The widths that a model's text encoders want.
struct EmbeddingWidths {
  int first = 768;
  std::optional<int> second = {};
};
/// Throws kWrongModel, naming the models that the embedding is for, when it fits no such encoders.
void check_widths(const TextualInversion& embedding, const EmbeddingWidths& wanted);

}  // namespace easel
