#include "pipeline/families/ldm/ldm_prompt_encoder.h"

#include <algorithm>
#include <utility>

#include "backend/dry/dry.h"
#include "nn/tensor_ops.h"
#include "prompt/signs.h"

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

// The prompt in words that the model knows, as far as it says which those are.
std::string LdmPromptEncoder::text_of(const std::string& prompt) const {
  return spec_.known == nullptr ? prompt : spec_.known->read(prompt).text;
}

// Guidance takes two passes, the first without the words.
std::vector<std::string> LdmPromptEncoder::texts_of(const Prompts& prompts) const {
  if (!prompts.guided) return {text_of(prompts.prompt)};
  return {text_of(prompts.negative), text_of(prompts.prompt)};
}

bool LdmPromptEncoder::remembers(const Prompts& prompts) {
  return std::ranges::all_of(texts_of(prompts),
                             [&](const auto& text) { return cache_.find(text) != nullptr; });
}

int LdmPromptEncoder::contexts_a_step(const Prompts& prompts) const {
  return static_cast<int>(texts_of(prompts).size());
}

// The words of a text that is too long which are not read, or not whole.
std::string_view LdmPromptEncoder::unused_end(std::string_view text) const {
  std::vector<std::size_t> words;  // where each begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ' ' && (i == 0 || text[i - 1] == ' ')) words.push_back(i);
  }
  const auto first = std::ranges::partition_point(words, [&](std::size_t begin) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    return tokens_of(std::string(text.substr(0, end))).dropped == 0;
  });
  return first == words.end() ? std::string_view() : text.substr(*first);
}

std::vector<std::string> LdmPromptEncoder::notes(const Prompts& prompts) const {
  std::vector<std::string> notes;
  for (const auto& [what, text] :
       {std::pair{"prompt", &prompts.prompt}, std::pair{"negative prompt", &prompts.negative}}) {
    if (spec_.known != nullptr) {
      for (std::string& note : notes_of(spec_.known->read(*text), what)) {
        notes.push_back(std::move(note));
      }
    }
    const std::string read = text_of(*text);
    const int dropped = tokens_of(read).dropped;
    if (dropped > 0) notes.push_back(note_of_dropped(what, dropped, unused_end(read)));
    if (const std::string signs = note_of_signs(*text, {}); !signs.empty()) notes.push_back(signs);
  }
  return notes;
}

void LdmPromptEncoder::prepare(const Prompts& asked) {
  std::vector<std::string> prompts;
  for (const std::string& prompt : texts_of(asked)) {
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

Told LdmPromptEncoder::told(const Prompts& prompts) {
  Told told;
  for (const std::string& text : texts_of(prompts)) {
    Tensor sequence(backend_.arena(), {1, spec_.config.tokens, spec_.config.channels});
    backend_.upload(*cache_.find(text), Layout::kPixels, sequence);
    told.contexts.push_back({.sequence = std::move(sequence), .vector = {}});
  }
  const int last = static_cast<int>(told.contexts.size()) - 1;
  told.steps.push_back(
      {.negative = prompts.guided ? std::optional(0) : std::nullopt, .parts = {{.context = last}}});
  return told;
}

std::int64_t LdmPromptEncoder::activations(int texts) const {
  const BertTextEncoderConfig& text = spec_.config;
  const std::int64_t row = 4 * text.channels + 2 * text.inner + 6 * text.heads * text.head_channels;
  return texts * text.tokens * row * std::int64_t{4};
}

}  // namespace easel
