#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/drawing/family.h"
#include "weights/formats/describe.h"
#include "weights/weights.h"

// The families of models. Each has a row in one table; everything else asks the table.

namespace easel {

std::span<const Family> families();

/// Opens a model file, or a folder in any layout that a family has. Throws as open_weights,
/// kUsage when a folder holds several candidates, kNotFound naming what a folder lacks.
Weights open_model_weights(const std::filesystem::path& path);

/// Never throws: what nobody knows is "a file of 12 tensors ('a', 'b', …)".
ModelKind recognise(const Weights& weights);

/// The family that can do `use` with a file. Throws kWrongModel, saying what the file is and what
/// would work, when there is none. `path` is for the message.
const Family& require_family(const Weights& weights, ModelUse use, std::string_view path);

/// The networks of any family's files, for describing one.
std::vector<NamedPart> known_parts();

/// Reads the model's directory and configuration. Throws kNotFound, kInvalidFile, kWrongModel (with
/// what the file is and what would work), kUnsupported, kIo.
std::unique_ptr<DrawingModel> open_drawing_model(const ModelLocation& location,
                                                 const DrawingOptions& options);

}  // namespace easel
