#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace easel {

/// BERT's WordPiece tokenizer as google-research/bert's FullTokenizer for bert-base-uncased:
/// control characters dropped, lower case, accents stripped (NFD), Chinese characters and
/// punctuation split off, then the longest pieces of the vocabulary first.
///
///     const auto tokenizer = WordPiece::from_file("models/x/vocab.txt");
///     const auto encoded = tokenizer.encode("a cat wearing sunglasses", {.length = 77});
///     // encoded.ids: 101, 1037, 4937, …, 102, 0, 0 …
///
/// Immutable and thread-safe.
class WordPiece final : public Tokenizer {
 public:
  /// `vocabulary` is one token a line, line 0 being id 0; `name` is for messages. The special ids
  /// are found by name. Throws kInvalidFile when [CLS], [SEP], [PAD] or [UNK] is missing, or the
  /// text is not a vocabulary.
  WordPiece(std::string_view vocabulary, std::string_view name);
  /// Throws kNotFound, kIo and as the constructor.
  static WordPiece from_file(const std::filesystem::path& file);

  /// [CLS] … [SEP] [PAD] …; bytes that are not UTF-8 are dropped, as BERT's convert_to_unicode
  /// does. REQUIRES: length >= 2
  Encoding encode(std::string_view text, EncodeOptions options) const override;
  /// The pieces of a text, without [CLS] and [SEP], however many.
  std::vector<std::int32_t> pieces(std::string_view text) const;

  std::int32_t size() const override { return static_cast<std::int32_t>(tokens_.size()); }
  /// REQUIRES: 0 <= id < size()
  const std::string& token(std::int32_t id) const { return tokens_[static_cast<std::size_t>(id)]; }
  std::int32_t cls() const { return cls_; }
  std::int32_t sep() const { return sep_; }
  std::int32_t pad() const { return pad_; }
  std::int32_t unknown() const { return unknown_; }

 private:
  std::int32_t special(std::string_view token, std::string_view name) const;
  void append_pieces(std::u32string_view word, std::vector<std::int32_t>& ids) const;

  std::vector<std::string> tokens_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::int32_t cls_, sep_, pad_, unknown_;
};

}  // namespace easel
