#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backend/backend.h"
#include "pipeline/drawing/drawing_model.h"
#include "pipeline/drawing/measuring.h"
#include "pipeline/parts/enlarging_network.h"
#include "weights/formats/describe.h"
#include "weights/formats/hugging_face_folder.h"
#include "weights/weights.h"

namespace easel {

/// What Easel can do with a model file.
enum class ModelUse { kTextToImage, kUpscale, kNothing };

/// What a model file is, told from its tensors' names and shapes.
struct ModelKind {
  std::string
      name;  ///< "a latent-diffusion text-to-image model", "a Stable Diffusion 1 checkpoint"
  ModelUse use = ModelUse::kNothing;
  std::string advice;  ///< what it is good for, or what would work instead
};

/// A model's opened directory, and where it lies.
struct ModelFiles {
  ModelLocation location;
  Weights weights;
};

/// A row of the table: how the files of a family are told and opened.
struct Family {
  std::string_view name;  ///< "latent-diffusion"
  ModelUse use = ModelUse::kNothing;
  std::string_view advice;  ///< what to give Easel for this use
  /// What a file is, where it is this family's or a relative's that the family knows by name.
  std::optional<ModelKind> (*recognise)(const Weights& weights) = nullptr;
  std::span<const NamedPart> parts = {};    ///< its networks in a file
  std::span<const FolderPart> folder = {};  ///< its Hugging Face folder; empty: it has none
  /// Of models that draw; null otherwise. Throws kInvalidFile, kWrongModel, kUnsupported, kIo.
  std::unique_ptr<DrawingModel> (*open)(ModelFiles files, const DrawingOptions& options) = nullptr;
  bool takes_loras = false;  ///< whether ModelLocation::loras can change it
  /// Of models that enlarge; null otherwise: the names under which `enlarge` looks for tensors,
  /// and the network.
  Weights (*with_own_names)(const Weights& weights) = nullptr;
  std::unique_ptr<EnlargingNetwork> (*enlarge)(Backend& backend, const Weights& weights) = nullptr;
  /// A model whose sizes are known without a file, and models to be measured: of the sizes that
  /// `files` say, or of that one's where it is null. Of every family that draws.
  std::string_view published = {};
  std::unique_ptr<MeasuredModel> (*measure)(const ModelFiles* files) = nullptr;
};

}  // namespace easel
