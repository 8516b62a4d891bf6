// What a person is told of how a prompt was read.

#include <fmt/format.h>

#include <algorithm>

#include "core/printable.h"
#include "pipeline/families/stable_diffusion/sd_prompt_encoder.h"
#include "prompt/signs.h"

namespace easel {
namespace {

constexpr std::size_t kShown = 40;  // bytes of a schedule that is quoted

/// A prompt, what it is called, and what was read.
struct NotedPrompt {
  const char* what;
  const std::string& text;
  const ChunkedParts& read;
};

std::string length_of(const char* what, const ChunkedParts& read) {
  return fmt::format("the {} takes {}/{} tokens", what, read.tokens, read.limit);
}

void note_unclosed(const NotedPrompt& prompt, std::vector<std::string>& notes) {
  const std::string_view rest = unclosed_schedule(prompt.text);
  if (rest.empty()) return;
  notes.push_back(
      fmt::format("the {}'s schedule '{}{}' is never closed with ']': its signs are read as text",
                  prompt.what, printable(rest.substr(0, kShown)), rest.size() > kShown ? "…" : ""));
}

void note_networks(const NotedPrompt& prompt, const std::vector<std::string>& opened,
                   std::vector<std::string>& notes) {
  for (const PromptNetwork& network : prompt.read.networks) {
    if (std::ranges::find(opened, network.name) != opened.end()) continue;
    notes.push_back(
        fmt::format("the {} asks for <{}:{}>, which the model was not opened with: it is left out",
                    prompt.what, printable(network.kind), printable(network.name)));
  }
}

}  // namespace

std::vector<std::string> SdPromptEncoder::notes(const Prompts& prompts) const {
  std::vector<std::string> notes;
  const Read asked = read(prompts);
  const auto note = [&](const NotedPrompt& prompt) {
    if (prompt.read.dropped > 0) {
      notes.push_back(note_of_dropped(prompt.what, prompt.read.dropped));
    }
    if (prompts.reading.syntax == PromptSyntax::kPlain) return;
    note_unclosed(prompt, notes);
    note_networks(prompt, spec_.networks, notes);
  };
  if (const std::string signs = note_of_signs(prompts.prompt, {.weights = false}); !signs.empty()) {
    notes.push_back(signs);
  }
  note({.what = "prompt", .text = prompts.prompt, .read = asked.prompt});
  if (asked.negative && !prompts.negative.empty()) {
    note({.what = "negative prompt", .text = prompts.negative, .read = *asked.negative});
  }
  return notes;
}

std::vector<std::string> SdPromptEncoder::lengths(const Prompts& prompts) const {
  const Read asked = read(prompts);
  std::vector<std::string> lengths = {length_of("prompt", asked.prompt)};
  if (asked.negative && !prompts.negative.empty()) {
    lengths.push_back(length_of("negative prompt", *asked.negative));
  }
  return lengths;
}

}  // namespace easel
