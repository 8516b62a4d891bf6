#include "prompt/prompt.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "prompt/attention.h"
#include "tokenizers/clip_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view prompt(reinterpret_cast<const char*>(data), size);
  easel::clip_clean(prompt);
  try {
    const auto read = easel::read_prompt(prompt, {.steps = {.steps = 7}});
    for (const auto& part : read.parts) {
      for (int step = 1; step <= 7; ++step) easel::parse_attention(part.at(step));
    }
  } catch (const easel::Error&) {
  }
  return 0;
}
