#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "models/clip_text_encoder.h"
#include "pipeline/families/stable_diffusion/sd_config.h"
#include "pipeline/families/stable_diffusion/sd_prompt_reading.h"
#include "pipeline/parts/prompt_cache.h"
#include "pipeline/parts/prompt_encoder.h"
#include "weights/scope.h"
#include "weights/textual_inversion.h"

namespace easel {

/// Stable Diffusion's text encoders, one or two side by side, with their tokenizer, and the vector
/// of sizes that SDXL's denoiser is told.
class SdPromptEncoder final : public PromptEncoder {
 public:
  struct Spec {
    Scope scope;  ///< stands at the model's root
    std::vector<SdTextConfig> texts;
    SdVector vector = SdVector::kNone;
    bool zero_empty_negative = false;
    std::unique_ptr<const ClipBpe> tokenizer;
    std::vector<TextualInversion> embeddings = {};  ///< of the encoders' widths
    std::vector<std::string> networks = {};         ///< names of the LoRAs that are in the weights
    int remembered = 64;                            ///< texts
  };
  /// Checks every name and shape; reads no weight. Throws kWrongModel with the full key and both
  /// shapes. The backend and the weights outlive this.
  SdPromptEncoder(Backend& backend, Spec spec);

  bool remembers(const Prompts& prompts) override;
  void prepare(const Prompts& prompts) override;
  Told told(const Prompts& prompts) override;
  int contexts_a_step(const Prompts& prompts) const override;
  std::vector<std::string> notes(const Prompts& prompts) const override;
  std::vector<std::string> lengths(const Prompts& prompts) const override;
  std::int64_t activations(int texts) const override;

  void load() override;
  void release() override { networks_.clear(); }
  std::int64_t parameters() const override { return parameters_; }
  std::int64_t parameters_loaded() const override { return networks_.empty() ? 0 : parameters_; }

 private:
  /// Both prompts as they are read; the negative one where it is told.
  struct Read {
    ChunkedParts prompt;
    std::optional<ChunkedParts> negative;
  };
  Read read(const Prompts& prompts) const;
  static std::vector<const EncodedPart*> parts_of(const Read& read);

  /// Encodings of a batch, one text after another: its rows [77 * chunks, channels], then the
  /// pooled vector.
  std::vector<float> encode(const TextBatch& batch, const PromptReading& reading);
  void encode_chunk(const TextBatch& batch, std::size_t chunk, const PromptReading& reading,
                    std::span<float> out);
  /// The embeddings' vectors for encoder `i` in one chunk of all texts.
  std::vector<ClipTextEncoder::Replaced> replaced_in(const TextBatch& batch, std::size_t chunk,
                                                     std::size_t i) const;
  std::vector<std::int32_t> ids_of(const TextBatch& batch, std::size_t chunk,
                                   std::int32_t padding) const;
  std::size_t text_floats(const TextBatch& batch) const;
  Conditioning conditioning(const EncodedPart& part, std::size_t text, const Prompts& prompts,
                            bool negative);
  void append_sizes(const Prompts& prompts, bool negative, std::vector<float>& vector) const;
  std::int64_t context_channels() const;
  std::int64_t pooled_channels() const;

  Backend& backend_;
  const Spec spec_;
  const EmbeddingNames embeddings_;
  std::int64_t parameters_ = 0;
  std::vector<ClipTextEncoder> networks_;
  PromptCache cache_;
};

}  // namespace easel
