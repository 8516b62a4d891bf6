#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prompt/chunks.h"
#include "prompt/emphasis.h"
#include "prompt/networks.h"
#include "prompt/schedule.h"

namespace easel {

/// How a prompt is written.
enum class PromptSyntax {
  kPlain,  ///< as a sentence: every character is text
  kA1111,  ///< AUTOMATIC1111's
};
/// "plain", "a1111"; nothing for another name.
std::optional<PromptSyntax> prompt_syntax_named(std::string_view name);

/// A part of a prompt: what it says until which step, and how strongly it guides.
struct PromptPart {
  double weight = 1;
  std::vector<ScheduledText> texts;  ///< by their last steps; neighbours differ

  /// REQUIRES: 1 <= step <= the schedule's steps
  const std::string& at(int step) const;
};

/// What a prompt says, step by step, before any tokenizer has read it.
struct ReadPrompt {
  std::vector<PromptPart> parts;        ///< never empty; those of AND
  std::vector<PromptNetwork> networks;  ///< LoRAs and others that it names
};

struct ReadRules {
  PromptSyntax syntax = PromptSyntax::kA1111;
  ScheduleSteps steps = {};
  bool negative = false;  ///< a negative prompt has one part: AND is a word in it
};

/// Reads a prompt. Takes time and memory that grow with the prompt and the steps. Throws kUsage as
/// cut_networks() and schedule().
ReadPrompt read_prompt(std::string_view prompt, const ReadRules& rules);

/// One text of a part in chunks. kNone, and plain syntax, read brackets as text; plain syntax has
/// one chunk. Throws kUsage as parse_attention() and chunk_prompt().
struct TextRules {
  PromptSyntax syntax = PromptSyntax::kA1111;
  Emphasis emphasis = Emphasis::kOriginal;
  int comma_backtrack = 20;
};
ChunkedPrompt chunk_text(std::string_view text, const ClipBpe& tokenizer,
                         const EmbeddingNames& embeddings, const TextRules& rules);

}  // namespace easel
