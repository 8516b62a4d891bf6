#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "pipeline/diffusing/diffusion_parts.h"
#include "pipeline/families.h"
#include "support/backends.h"
#include "support/expected.h"

namespace easel::parity {

/// A folder with a Stable Diffusion model and what the original programs computed with it.
struct SdFixture {
  explicit SdFixture(const std::filesystem::path& where);

  std::string name() const { return folder.filename().string(); }
  /// The single file, or the folder where it is one of Hugging Face's.
  std::filesystem::path model() const;
  ModelFiles files() const;

  std::filesystem::path folder;
  testing::Expected expected;
  /// What its networks compute: a Hugging Face folder's is what the single file's beside it does,
  /// the same name without "-hf".
  std::shared_ptr<const testing::Expected> networks;
  std::vector<LoraFile> loras = {};                    ///< changes that its model is opened with
  bool eight_bits = false;                             ///< whether its matrices are kept in 8 bits
  std::vector<std::filesystem::path> embeddings = {};  ///< that its prompts may name
};

/// The fixture's model on a backend, kept open for the next case. `guidance`: the weights of an
/// embedding of the guidance scale that the model is to have besides, by their name in `expected`.
DiffusionParts& open_model(const SdFixture& fixture, const testing::BackendCase& which,
                           const std::string& guidance = "");

}  // namespace easel::parity
