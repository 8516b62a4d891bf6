// CLIP's tokenizer: clip-bpe.json, a list of texts with the ids of openai/CLIP ("ids"; what stands
// in further columns differs from it) and, where a text is cut, its whole length. The vocabulary
// lies beside it or is the one that ships.

#include <gtest/gtest.h>

#include "form.h"
#include "support/fixture_file.h"
#include "tokenizers/clip_bpe.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

constexpr int kLength = 77;
constexpr const char* kVocabulary = "bpe_simple_vocab_16e6.txt.gz";
constexpr const char* kTexts = "clip-bpe.json";

bool recognises(const fs::path& folder) { return fs::exists(folder / kTexts); }

fs::path vocabulary_of(const fs::path& folder) {
  if (fs::exists(folder / kVocabulary)) return folder / kVocabulary;
  return fs::path(EASEL_SOURCE_DIR) / "models/clip" / kVocabulary;
}

// Start, tokens, end: without the padding.
Ids used_ids(const Tokenizer& tokenizer, const std::string& text) {
  const auto encoding = tokenizer.encode(text, {.length = kLength});
  EXPECT_EQ(encoding.ids.size(), static_cast<std::size_t>(kLength));
  return {encoding.ids.begin(), encoding.ids.begin() + encoding.used};
}

void compare_openai(const fs::path& folder) {
  const auto tokenizer = ClipBpe::from_file(vocabulary_of(folder), kOpenAi);
  for (const Json& entry : Json::parse(testing::read_text(folder / kTexts))) {
    const auto text = entry["text"].get<std::string>();
    const Ids ids = entry["ids"].get<Ids>();
    // Easel leaves ftfy's guesses at broken encodings out.
    EXPECT_EQ(used_ids(tokenizer, text), entry.value("without_encoding_repair", ids)) << text;
    const int dropped = tokenizer.encode(text, {.length = kLength}).dropped;
    EXPECT_EQ(dropped, entry.contains("length") ? entry["length"].get<int>() - kLength + 2 : 0)
        << text;
  }
}

void compare_open_clip(const fs::path& folder) {
  const auto tokenizer = ClipBpe::from_file(vocabulary_of(folder), kOpenClip);
  for (const Json& entry : Json::parse(testing::read_text(folder / kTexts))) {
    if (entry.contains("without_encoding_repair")) continue;
    const auto text = entry["text"].get<std::string>();
    EXPECT_EQ(used_ids(tokenizer, text), entry.value("open_clip", entry["ids"].get<Ids>())) << text;
  }
}

std::vector<Case> cases(const fs::path& folder) {
  const auto texts = Json::parse(testing::read_text(folder / kTexts));
  if (texts.empty()) return {};
  return {{"openai", [folder] { compare_openai(folder); }},
          {"open_clip", [folder] { compare_open_clip(folder); }}};
}

}  // namespace

FixtureForm clip_tokenizer_form() { return {"CLIP's tokenizer with texts", recognises, cases}; }

}  // namespace easel::parity
