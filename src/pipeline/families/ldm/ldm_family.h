#pragma once

#include <functional>
#include <memory>

#include "backend/backend.h"
#include "pipeline/diffusing/diffusion_parts.h"
#include "pipeline/drawing/family.h"
#include "pipeline/families/ldm/ldm_config.h"
#include "tokenizers/known_words.h"
#include "tokenizers/tokenizer.h"

namespace easel {

/// latent-diffusion's text-to-image models (Rombach et al. 2022).
Family ldm_family();

/// The parts of an opened model. Throws kWrongModel, kUnsupported, kInvalidFile, kNotFound.
DiffusionParts open_ldm(ModelFiles files, const DrawingOptions& options);

/// What the parts are made from.
struct LdmSource {
  std::unique_ptr<const Weights> weights;
  LdmConfig config;
  /// Asked when the networks have been found to be sound.
  std::function<std::unique_ptr<const Tokenizer>()> find_tokenizer;
  std::unique_ptr<const KnownWords> known = nullptr;  ///< of a model that says which it knows
};

/// The parts without the model's name and notes; checks every name and shape of the three networks,
/// and that they fit each other. Throws as require_agreement, kWrongModel with the full key and
/// both shapes. `remembered`: encodings of prompts that are kept.
DiffusionParts make_ldm_parts(LdmSource source, std::unique_ptr<Backend> backend, int remembered);

}  // namespace easel
