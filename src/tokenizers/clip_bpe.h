#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/byte_pairs.h"
#include "tokenizers/tokenizer.h"

namespace easel {

/// What the models of one maker want otherwise than those of another.
struct ClipDialect {
  bool open_clip = false;  ///< a prompt may say "<start_of_text>", not "<|startoftext|>", …
  bool pad_zero = false;   ///< pads with id 0, not with the end
};
inline constexpr ClipDialect kOpenAi{};
inline constexpr ClipDialect kOpenClip{.open_clip = true, .pad_zero = true};

/// CLIP's tokenizer (openai/CLIP, clip/simple_tokenizer.py): the text cleaned, HTML's entities
/// read, in small letters, split into words of letters, single digits and runs of signs, each
/// encoded by byte pairs. Text in a wrong encoding is not repaired, as if ftfy's fix_encoding were
/// off.
///
///     const auto tokenizer = ClipBpe::from_file("bpe_simple_vocab_16e6.txt.gz", kOpenAi);
///     tokenizer.encode("a photo of a cat", {}).ids;  // 49406, 320, 1125, …, 2368, 49407, 49407 …
///
/// Immutable and thread-safe.
class ClipBpe final : public Tokenizer {
 public:
  /// `merges` is the text of bpe_simple_vocab_16e6.txt: a heading, then a merge a line, of which
  /// the first 48,894 count; `name` is for messages. Throws kInvalidFile.
  ClipBpe(std::string_view merges, std::string_view name, const ClipDialect& dialect);
  /// The same, gzipped or not. Throws kNotFound, kIo and as the constructor.
  static ClipBpe from_file(const std::filesystem::path& file, const ClipDialect& dialect);
  /// A tokenizer's folder of Hugging Face: vocab.json, merges.txt, and the names of what begins,
  /// ends and pads a text in special_tokens_map.json or tokenizer_config.json, if they are there.
  /// Throws as from_file.
  static ClipBpe from_folder(const std::filesystem::path& folder);

  /// What begins a text, at most length - 2 tokens, what ends it, padding. REQUIRES: length >= 2
  Encoding encode(std::string_view text, EncodeOptions options) const override;
  /// The tokens of a text, without what begins and ends it, however many.
  std::vector<std::int32_t> pieces(std::string_view text) const;

  std::int32_t size() const override { return size_; }
  std::int32_t start() const { return start_; }
  std::int32_t end() const { return end_; }
  std::int32_t pad() const { return pad_; }
  /// Of a comma that ends a word.
  std::int32_t comma() const { return comma_; }

 private:
  struct Vocabulary {
    SymbolTable symbols;
    std::vector<std::string_view> merges;
    int first_line = 2;
    std::string start, end, pad;
  };
  ClipBpe(const Vocabulary& vocabulary, std::string_view name);
  static Vocabulary openai_vocabulary(std::string_view merges, std::string_view name,
                                      const ClipDialect& dialect);

  BytePairs pairs_;
  std::string start_text_, end_text_;
  std::int32_t size_, start_, end_, pad_, comma_;
};

}  // namespace easel
