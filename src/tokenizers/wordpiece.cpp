#include "tokenizers/wordpiece.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizers/unicode_text.h"

namespace easel {
namespace {

constexpr std::size_t kMaxWordLength = 200;  // BERT's max_input_chars_per_word
constexpr std::uintmax_t kMaxFileSize = std::uintmax_t{64} << 20;

std::string_view stripped(std::string_view line) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  const auto first = line.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kSpaces) - first + 1);
}

}  // namespace

WordPiece::WordPiece(std::string_view vocabulary, std::string_view name) {
  if (vocabulary.size() > kMaxFileSize || vocabulary.find('\0') != std::string_view::npos) {
    fail(ErrorCode::kInvalidFile,
         "{} is not a vocabulary: a text file with a token a line is wanted", name);
  }
  while (!vocabulary.empty()) {
    const auto end = std::min(vocabulary.find('\n'), vocabulary.size());
    tokens_.emplace_back(stripped(vocabulary.substr(0, end)));
    vocabulary.remove_prefix(std::min(end + 1, vocabulary.size()));
  }
  // Of a token that stands twice the later line counts, as in BERT.
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    ids_[tokens_[i]] = static_cast<std::int32_t>(i);
  }
  cls_ = special("[CLS]", name);
  sep_ = special("[SEP]", name);
  pad_ = special("[PAD]", name);
  unknown_ = special("[UNK]", name);
}

WordPiece WordPiece::from_file(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    fail(ErrorCode::kIo, "could not read the vocabulary {}: it is a folder", file.string());
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    const int reason = errno;
    fail(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
         "could not open the vocabulary {}: {}", file.string(),
         std::generic_category().message(reason));
  }
  if (std::filesystem::file_size(file, error) > kMaxFileSize && !error) {
    fail(ErrorCode::kInvalidFile, "{} is too large for a vocabulary", file.string());
  }
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) fail(ErrorCode::kIo, "could not read the vocabulary {}", file.string());
  return WordPiece(text, file.string());
}

std::int32_t WordPiece::special(std::string_view token, std::string_view name) const {
  const auto found = ids_.find(std::string(token));
  if (found == ids_.end()) {
    fail(ErrorCode::kInvalidFile, "the vocabulary {} has no {} among its {} tokens", name, token,
         tokens_.size());
  }
  return found->second;
}

// Greedy: the longest piece that the vocabulary has, again and again; one gap and the whole word is
// unknown.
void WordPiece::append_pieces(std::u32string_view word, std::vector<std::int32_t>& ids) const {
  const std::size_t before = ids.size();
  std::size_t start = 0;
  while (start < word.size() && word.size() <= kMaxWordLength) {
    const std::string prefix = start > 0 ? "##" : "";
    std::size_t end = word.size();
    auto found = ids_.end();
    for (; end > start && found == ids_.end(); --end) {
      found = ids_.find(prefix + to_utf8(word.substr(start, end - start)));
    }
    if (found == ids_.end()) break;
    ids.push_back(found->second);
    start = end + 1;
  }
  if (start >= word.size()) return;
  ids.resize(before);
  ids.push_back(unknown_);
}

std::vector<std::int32_t> WordPiece::pieces(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const auto& word : bert_words(text)) append_pieces(word, ids);
  return ids;
}

WordPiece::Encoding WordPiece::encode(std::string_view text, EncodeOptions options) const {
  assert(options.length >= 2);
  const auto all = pieces(text);
  const auto room = static_cast<std::size_t>(options.length) - 2;
  const std::size_t kept = std::min(all.size(), room);
  Encoding encoding;
  encoding.ids.reserve(static_cast<std::size_t>(options.length));
  encoding.ids.push_back(cls_);
  encoding.ids.insert(encoding.ids.end(), all.begin(),
                      all.begin() + static_cast<std::ptrdiff_t>(kept));
  encoding.ids.push_back(sep_);
  encoding.used = static_cast<int>(kept) + 2;
  encoding.dropped = static_cast<int>(all.size() - kept);
  encoding.ids.resize(static_cast<std::size_t>(options.length), pad_);
  return encoding;
}

}  // namespace easel
