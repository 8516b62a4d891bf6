#include "tokenizers/clip_bpe.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/printable.h"
#include "core/utf8.h"
#include "tokenizers/clip_text.h"
#include "tokenizers/vocabulary_file.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStart = "<|startoftext|>";
constexpr std::string_view kEnd = "<|endoftext|>";
constexpr std::size_t kMostMerges =
    48'894;  // of the 262,144 in the file CLIP was trained with these

// The merges of a file: its lines but the heading, without an empty one at the end.
std::vector<std::string_view> merge_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  bool heading = true;
  while (!text.empty() && lines.size() < kMostMerges) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!std::exchange(heading, false)) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// A special token is a text, or an object with the text.
void read_special(const Json& map, std::string_view key, std::string& out) {
  const Json* entry = map.find(key);
  if (entry != nullptr && entry->is_object()) entry = entry->find("content");
  if (entry != nullptr && entry->is_string()) out = entry->text();
}

Json read_object(const fs::path& file) {
  const std::string text = read_vocabulary_file(file);
  auto json = Json::try_parse(text, {.depth = 8, .duplicates = true});
  if (!json || !json->is_object()) {
    fail(ErrorCode::kInvalidFile, "'{}' is not a JSON object", file.string());
  }
  return std::move(*json);
}

void add_tokens(const fs::path& file, SymbolTable& symbols) {
  constexpr std::int32_t kMostTokens = 1 << 24;
  const Json tokens = read_object(file);
  for (const auto& [token, id] : tokens.items()) {
    if (!id.is_unsigned() || id.get<std::uint64_t>() >= kMostTokens) {
      fail(ErrorCode::kInvalidFile,
           "the vocabulary '{}' gives a token the id {}, below {} is wanted", file.string(),
           id.dump(), kMostTokens);
    }
    symbols.add(token, id.get<std::int32_t>());
  }
}

std::int32_t id_of(const SymbolTable& symbols, const std::string& token, std::string_view name) {
  const auto id = symbols.find(token);
  if (!id) {
    fail(ErrorCode::kInvalidFile, "the vocabulary '{}' has no {} among its {} tokens", name,
         printable(token), symbols.size());
  }
  return *id;
}

}  // namespace

ClipBpe::Vocabulary ClipBpe::openai_vocabulary(std::string_view merges, std::string_view name,
                                               const ClipDialect& dialect) {
  const auto lines = merge_lines(merges);
  Vocabulary vocabulary{.symbols = SymbolTable(lines.size() + 600), .merges = lines};
  if (vocabulary.merges.empty()) {
    fail(ErrorCode::kInvalidFile,
         "the vocabulary '{}' holds no merges, a heading and then a merge a"
         " line are wanted",
         name);
  }
  SymbolTable& symbols = vocabulary.symbols;
  std::int32_t next = 0;
  const auto bytes = byte_symbols();
  for (const auto& symbol : bytes) symbols.add(symbol, next++);
  for (const auto& symbol : bytes) symbols.add(symbol + "</w>", next++);
  for (std::string joined; const std::string_view merge : lines) {
    joined = merge;
    std::erase(joined, ' ');
    symbols.add(joined, next++);
  }
  vocabulary.start = dialect.open_clip ? "<start_of_text>" : kStart;
  vocabulary.end = dialect.open_clip ? "<end_of_text>" : kEnd;
  symbols.add(vocabulary.start, next++);
  symbols.add(vocabulary.end, next++);
  vocabulary.pad = dialect.pad_zero ? bytes[0] : vocabulary.end;
  return vocabulary;
}

ClipBpe::ClipBpe(const Vocabulary& vocabulary, std::string_view name)
    : pairs_(vocabulary.symbols, vocabulary.merges, vocabulary.first_line, name),
      start_text_(vocabulary.start),
      end_text_(vocabulary.end),
      size_(vocabulary.symbols.largest_id() + 1),
      start_(id_of(vocabulary.symbols, vocabulary.start, name)),
      end_(id_of(vocabulary.symbols, vocabulary.end, name)),
      pad_(id_of(vocabulary.symbols, vocabulary.pad, name)),
      comma_(id_of(vocabulary.symbols, ",</w>", name)) {}

ClipBpe::ClipBpe(std::string_view merges, std::string_view name, const ClipDialect& dialect)
    : ClipBpe(openai_vocabulary(merges, name, dialect), name) {}

ClipBpe ClipBpe::from_file(const fs::path& file, const ClipDialect& dialect) {
  const std::string text = read_vocabulary_file(file, kMostMerges + 1);
  return ClipBpe(text, file.string(), dialect);
}

ClipBpe ClipBpe::from_folder(const fs::path& folder) {
  Vocabulary vocabulary{
      .symbols = SymbolTable(50'000), .start = std::string(kStart), .end = std::string(kEnd)};
  add_tokens(folder / "vocab.json", vocabulary.symbols);
  std::error_code error;
  if (fs::exists(folder / "added_tokens.json", error)) {
    add_tokens(folder / "added_tokens.json", vocabulary.symbols);
  }
  vocabulary.pad = vocabulary.end;
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    if (!fs::exists(folder / name, error)) continue;
    const Json map = read_object(folder / name);
    read_special(map, "bos_token", vocabulary.start);
    read_special(map, "eos_token", vocabulary.end);
    read_special(map, "pad_token", vocabulary.pad);
  }
  const std::string merges = read_vocabulary_file(folder / "merges.txt", kMostMerges + 1);
  vocabulary.merges = merge_lines(merges);
  return ClipBpe(vocabulary, (folder / "merges.txt").string());
}

std::vector<std::int32_t> ClipBpe::pieces(std::string_view text) const {
  std::vector<std::int32_t> ids;
  const auto start = code_points(start_text_);
  const auto end = code_points(end_text_);
  for_clip_words(clip_clean(text), {start, end}, [&](std::u32string_view word) {
    const std::string bytes = to_utf8(word);
    if (bytes == start_text_) {
      ids.push_back(start_);
    } else if (bytes == end_text_) {
      ids.push_back(end_);
    } else {
      pairs_.append(bytes, ids);
    }
  });
  return ids;
}

ClipBpe::Encoding ClipBpe::encode(std::string_view text, EncodeOptions options) const {
  assert(options.length >= 2);
  const auto all = pieces(text);
  const std::size_t kept = std::min(all.size(), static_cast<std::size_t>(options.length) - 2);
  Encoding encoding;
  encoding.ids.reserve(static_cast<std::size_t>(options.length));
  encoding.ids.push_back(start_);
  encoding.ids.insert(encoding.ids.end(), all.begin(),
                      all.begin() + static_cast<std::ptrdiff_t>(kept));
  encoding.ids.push_back(end_);
  encoding.used = static_cast<int>(kept) + 2;
  encoding.dropped = static_cast<int>(all.size() - kept);
  encoding.ids.resize(static_cast<std::size_t>(options.length), pad_);
  return encoding;
}

}  // namespace easel
