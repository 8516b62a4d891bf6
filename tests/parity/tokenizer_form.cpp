// BERT's tokenizer: NAME-vocab.txt, a token a line, and NAME.json: [{"text", "ids"}, …].

#include <gtest/gtest.h>

#include "form.h"
#include "support/fixture_file.h"
#include "tokenizers/wordpiece.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = "-vocab.txt";

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kEnding)) continue;
    const std::string name = file.substr(0, file.size() - kEnding.size());
    if (fs::exists(folder / (name + ".json"))) names.push_back(name);
  }
  return names;
}

bool recognises(const fs::path& folder) { return !names_in(folder).empty(); }

void compare(const fs::path& folder, const std::string& name) {
  const auto tokenizer = WordPiece::from_file(folder / (name + std::string(kEnding)));
  const auto texts = Json::parse(testing::read_text(folder / (name + ".json")));
  ASSERT_FALSE(texts.empty());
  for (const auto& entry : texts) {
    const auto text = entry["text"].get<std::string>();
    const auto ids = entry["ids"].get<std::vector<std::int32_t>>();
    EXPECT_EQ(tokenizer.encode(text, {.length = static_cast<int>(ids.size())}).ids, ids) << text;
  }
}

std::vector<Case> cases(const fs::path& folder) {
  std::vector<Case> all;
  for (const std::string& name : names_in(folder)) {
    all.push_back({name, [folder, name] { compare(folder, name); }});
  }
  return all;
}

}  // namespace

FixtureForm tokenizer_form() { return {"a WordPiece vocabulary with texts", recognises, cases}; }

}  // namespace easel::parity
