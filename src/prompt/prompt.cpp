#include "prompt/prompt.h"

#include <algorithm>
#include <cassert>

#include "prompt/parts.h"

namespace easel {
namespace {

// Steps of one text after the other as one entry.
std::vector<ScheduledText> without_repeats(std::vector<ScheduledText> texts) {
  std::vector<ScheduledText> out;
  for (ScheduledText& entry : texts) {
    if (!out.empty() && out.back().text == entry.text) {
      out.back().last_step = entry.last_step;
    } else {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

}  // namespace

std::optional<PromptSyntax> prompt_syntax_named(std::string_view name) {
  if (name == "plain") return PromptSyntax::kPlain;
  if (name == "a1111") return PromptSyntax::kA1111;
  return std::nullopt;
}

const std::string& PromptPart::at(int step) const {
  const auto found = std::ranges::lower_bound(texts, step, {}, &ScheduledText::last_step);
  assert(found != texts.end());
  return found->text;
}

ReadPrompt read_prompt(std::string_view prompt, const ReadRules& rules) {
  if (rules.syntax == PromptSyntax::kPlain) {
    const int steps = rules.steps.hires_steps.value_or(rules.steps.steps);
    return {.parts = {{.texts = {{steps, std::string(prompt)}}}}, .networks = {}};
  }
  auto [text, networks] = cut_networks(prompt);
  ReadPrompt out{.parts = {}, .networks = std::move(networks)};
  const auto parts =
      rules.negative ? std::vector<WeightedText>{{std::move(text), 1}} : split_parts(text);
  for (const WeightedText& part : parts) {
    out.parts.push_back(
        {.weight = part.weight, .texts = without_repeats(schedule(part.text, rules.steps))});
  }
  return out;
}

ChunkedPrompt chunk_text(std::string_view text, const ClipBpe& tokenizer,
                         const EmbeddingNames& embeddings, const TextRules& rules) {
  const bool plain = rules.syntax == PromptSyntax::kPlain;
  const auto pieces = plain || rules.emphasis == Emphasis::kNone
                          ? std::vector<WeightedText>{{std::string(text), 1}}
                          : parse_attention(text);
  return chunk_prompt(pieces, tokenizer, embeddings,
                      {.comma_backtrack = rules.comma_backtrack, .single = plain});
}

}  // namespace easel
