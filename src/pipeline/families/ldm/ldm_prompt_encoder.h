#pragma once

#include <memory>
#include <optional>

#include "backend/backend.h"
#include "models/bert_text_encoder.h"
#include "pipeline/parts/prompt_cache.h"
#include "pipeline/parts/prompt_encoder.h"
#include "tokenizers/known_words.h"
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
    std::unique_ptr<const KnownWords> known;     ///< null: every word goes to the tokenizer
    int remembered = 64;                         ///< prompts
  };
  /// Checks every name and shape; reads no weight. Throws kWrongModel with the full key and both
  /// shapes. The backend and the weights outlive this.
  LdmPromptEncoder(Backend& backend, Spec spec);

  bool remembers(const Prompts& prompts) override;
  void prepare(const Prompts& prompts) override;
  Told told(const Prompts& prompts) override;
  int contexts_a_step(const Prompts& prompts) const override;
  std::vector<std::string> notes(const Prompts& prompts) const override;
  std::int64_t activations(int texts) const override;

  void load() override { network(); }
  void release() override { network_.reset(); }
  std::int64_t parameters() const override { return parameters_; }
  std::int64_t parameters_loaded() const override { return network_ ? parameters_ : 0; }

 private:
  std::string text_of(const std::string& prompt) const;
  std::vector<std::string> texts_of(const Prompts& prompts) const;
  const BertTextEncoder& network();
  Tokenizer::Encoding tokens_of(const std::string& prompt) const;
  std::string_view unused_end(std::string_view text) const;

  Backend& backend_;
  const Spec spec_;
  const std::int64_t parameters_;
  std::optional<BertTextEncoder> network_;
  PromptCache cache_;
};

}  // namespace easel
