#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/place.h"
#include "recipe/recipe.h"

// Models of the true shapes with made-up weights, for measuring without a file.

namespace easel {

/// Of all made-up weights and inputs.
constexpr std::uint64_t kMadeUpSeed = 1;

/// Standard normal values, the same at every call.
Tensor made_up_noise(Backend& backend, Shape shape);

/// A part of a model that can be run again and again with made-up inputs.
struct MeasuredPart {
  std::string name;  ///< "guided step, 1 picture of 256x256"
  std::function<void()> run;
};
using UsePart = std::function<void(const MeasuredPart&)>;

/// The networks of a model.
class MeasuredModel {
 public:
  virtual ~MeasuredModel() = default;

  /// Builds a part ("text", "unet", "decoder", "picture", "upscaler") on `backend` and runs `use`
  /// with it in every size that is measured; nothing where the model has no such part. Parts are
  /// built one at a time: together they would not fit. Of `how` only what speeds a run up counts.
  virtual void with_part(std::string_view part, Backend& backend, const Recipe& how,
                         const UsePart& use) const = 0;

  /// Writes what another program needs to do the same work and to check its result: for each part
  /// NAME-weights.safetensors (float32, the family's names without their prefix) and
  /// NAME-run.safetensors (inputs and the output computed here; pictures are [B, H, W, C]).
  virtual void export_parts(Backend& backend, const std::filesystem::path& folder) const = 0;
};

/// The weights that a network takes, made up: it is built once on paper to learn them.
void write_made_up_weights(const std::filesystem::path& file,
                           const std::function<void(const Place&)>& build);

struct NamedTensor {
  std::string name;
  const Tensor& tensor;
};
void write_tensors(Backend& backend, const std::filesystem::path& file,
                   const std::vector<NamedTensor>& tensors);

}  // namespace easel
