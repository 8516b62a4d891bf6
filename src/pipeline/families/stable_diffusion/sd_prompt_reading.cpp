#include "pipeline/families/stable_diffusion/sd_prompt_reading.h"

#include <fmt/format.h>

#include <algorithm>

namespace easel {
namespace {

// Shorter texts are filled up with empty chunks, as AUTOMATIC1111 encodes them together.
void even_out(TextBatch& batch, const ReadingTools& tools) {
  std::size_t most = 0;
  for (const ChunkedPrompt& text : batch.texts) most = std::max(most, text.chunks.size());
  const PromptChunk empty =
      chunk_prompt({{.text = ""}}, tools.tokenizer, tools.embeddings, {}).chunks.front();
  for (ChunkedPrompt& text : batch.texts) text.chunks.resize(most, empty);
}

std::string key_of(const PromptPart& part, const PromptReading& reading) {
  std::string key = fmt::format("{} {} {}", static_cast<int>(reading.syntax),
                                static_cast<int>(reading.emphasis), reading.clip_skip);
  for (const ScheduledText& one : part.texts) key += '\x1f' + one.text;
  return key;
}

EncodedPart chunk_part(const PromptPart& part, const Prompts& run, const ReadingTools& tools) {
  EncodedPart chunked;
  chunked.weight = static_cast<float>(part.weight);
  chunked.batch.key = key_of(part, run.reading);
  for (const ScheduledText& one : part.texts) {
    chunked.batch.texts.push_back(
        chunk_text(one.text, tools.tokenizer, tools.embeddings,
                   {.syntax = run.reading.syntax, .emphasis = run.reading.emphasis}));
    chunked.last_steps.push_back(one.last_step);
  }
  even_out(chunked.batch, tools);
  return chunked;
}

}  // namespace

// AUTOMATIC1111's rule: a text is told as long as the number of the step, from 0, is not above its
// last step; where all have ended, the first one comes back.
std::size_t EncodedPart::text_at(int step) const {
  const auto it = std::ranges::find_if(last_steps, [&](int last) { return step <= last; });
  return it == last_steps.end() ? 0 : static_cast<std::size_t>(it - last_steps.begin());
}

ChunkedParts chunk_parts(const std::string& text, bool negative, const Prompts& run,
                         const ReadingTools& tools) {
  ReadPrompt read =
      read_prompt(text, {.syntax = run.reading.syntax,
                         .steps = {.steps = std::max(1, run.steps), .hires_steps = run.second_pass},
                         .negative = negative});
  ChunkedParts chunked{.parts = {}, .networks = std::move(read.networks)};
  for (const PromptPart& part : read.parts) {
    const EncodedPart& mine = chunked.parts.emplace_back(chunk_part(part, run, tools));
    for (const ChunkedPrompt& one : mine.batch.texts) {
      chunked.tokens = std::max(chunked.tokens, one.tokens);
      chunked.limit = std::max(chunked.limit, one.limit());
      chunked.dropped = std::max(chunked.dropped, one.dropped);
    }
  }
  return chunked;
}

}  // namespace easel
