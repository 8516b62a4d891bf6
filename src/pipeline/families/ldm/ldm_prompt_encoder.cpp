#include "pipeline/families/ldm/ldm_prompt_encoder.h"

#include <algorithm>
#include <utility>

#include "backend/dry/dry.h"
#include "nn/tensor_ops.h"

namespace easel {

LdmPromptEncoder::LdmPromptEncoder(Backend& backend, Spec spec)
    : backend_(backend),
      spec_(std::move(spec)),
      parameters_(spec_.scope.parameters() - (spec_.scope / "to_logits").parameters()),
      cache_(static_cast<std::size_t>(std::max(1, spec_.remembered))) {
  const auto paper = make_dry_backend();
  const BertTextEncoder checked({*paper, spec_.scope}, spec_.config);
  spec_.scope.require_all_taken();
}

const BertTextEncoder& LdmPromptEncoder::network() {
  if (!network_) network_.emplace(Place{backend_, spec_.scope}, spec_.config);
  return *network_;
}

Tokenizer::Encoding LdmPromptEncoder::tokens_of(const std::string& prompt) const {
  return spec_.tokenizer->encode(prompt, {.length = static_cast<int>(spec_.config.tokens)});
}

int LdmPromptEncoder::dropped(const std::string& prompt) const { return tokens_of(prompt).dropped; }

bool LdmPromptEncoder::remembers(std::span<const std::string> prompts) {
  return std::ranges::all_of(prompts,
                             [&](const auto& prompt) { return cache_.find(prompt) != nullptr; });
}

void LdmPromptEncoder::prepare(std::span<const std::string> asked) {
  std::vector<std::string> prompts;
  for (const std::string& prompt : asked) {
    if (cache_.find(prompt) == nullptr && std::ranges::find(prompts, prompt) == prompts.end()) {
      prompts.push_back(prompt);
    }
  }
  if (prompts.empty()) return;
  std::vector<std::int32_t> ids;
  for (const std::string& prompt : prompts) {
    const auto encoded = tokens_of(prompt);
    ids.insert(ids.end(), encoded.ids.begin(), encoded.ids.end());
  }
  const Tensor contexts = network()(ids);  // [prompts, tokens, channels]
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    std::vector<float> mine(static_cast<std::size_t>(contexts.elements()) / prompts.size());
    backend_.download(pictures_of(ConstView(contexts), static_cast<std::int64_t>(i), 1),
                      Layout::kPixels, mine);
    cache_.put(prompts[i], std::move(mine));
  }
}

Conditioning LdmPromptEncoder::conditioning(std::span<const std::string> prompts) {
  Tensor sequence(backend_.arena(), {static_cast<std::int64_t>(prompts.size()), spec_.config.tokens,
                                     spec_.config.channels});
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    backend_.upload(*cache_.find(prompts[i]), Layout::kPixels,
                    pictures_of(View(sequence), static_cast<std::int64_t>(i), 1));
  }
  return {.sequence = std::move(sequence), .vector = {}, .channels = {}};
}

std::int64_t LdmPromptEncoder::activations(int prompts) const {
  const BertTextEncoderConfig& text = spec_.config;
  const std::int64_t row = 4 * text.channels + 2 * text.inner + 6 * text.heads * text.head_channels;
  return prompts * text.tokens * row * std::int64_t{4};
}

}  // namespace easel
