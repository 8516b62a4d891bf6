#pragma once

#include <memory>
#include <optional>

#include "backend/backend.h"
#include "models/bert_text_encoder.h"
#include "pipeline/parts/prompt_cache.h"
#include "pipeline/parts/prompt_encoder.h"
#include "tokenizers/tokenizer.h"
#include "weights/scope.h"

namespace easel {

/// latent-diffusion's text encoder with its tokenizer.
class LdmPromptEncoder final : public PromptEncoder {
 public:
  struct Spec {
    Scope scope;  ///< stands at the text encoder
    BertTextEncoderConfig config;
    std::unique_ptr<const Tokenizer> tokenizer;  ///< of config.vocabulary tokens
    int remembered = 64;                         ///< prompts
  };
  /// Checks every name and shape; reads no weight. Throws kWrongModel with the full key and both
  /// shapes. The backend and the weights outlive this.
  LdmPromptEncoder(Backend& backend, Spec spec);

  bool remembers(std::span<const std::string> prompts) override;
  void prepare(std::span<const std::string> prompts) override;
  Conditioning conditioning(std::span<const std::string> prompts) override;
  int dropped(const std::string& prompt) const override;
  std::int64_t activations(int prompts) const override;

  void load() override { network(); }
  void release() override { network_.reset(); }
  std::int64_t parameters() const override { return parameters_; }
  std::int64_t parameters_loaded() const override { return network_ ? parameters_ : 0; }

 private:
  const BertTextEncoder& network();
  Tokenizer::Encoding tokens_of(const std::string& prompt) const;

  Backend& backend_;
  const Spec spec_;
  const std::int64_t parameters_;
  std::optional<BertTextEncoder> network_;
  PromptCache cache_;
};

}  // namespace easel
