#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/symbol_table.h"

namespace easel {

/// Byte-pair encoding over bytes as OpenAI's CLIP and GPT-2 spell it: a byte's symbol is a
/// printable character (bytes_to_unicode: "!" is itself, a space is "Ġ"), the last one of a word
/// carries
/// "</w>". Immutable and thread-safe.
class BytePairs {
 public:
  /// `symbols`: the id of each, as the vocabulary spells it; `merges`: a line each, "left right",
  /// the surest first; they begin on line `first_line` of the file `name` (for messages). Throws
  /// kInvalidFile for a line that is no merge of known symbols into a known one, and when a byte
  /// has no symbol.
  BytePairs(const SymbolTable& symbols, const std::vector<std::string_view>& merges, int first_line,
            std::string_view name);

  /// Appends the ids of a word. Takes n log n for n bytes.
  void append(std::string_view word, std::vector<std::int32_t>& ids) const;

 private:
  struct Merge {
    std::uint64_t pair;  // of two ids
    std::int32_t rank;   // the lower, the earlier it is done
    std::int32_t id;     // of the symbol it makes
  };
  struct Line {
    int number;
    std::string_view file;
  };
  static Merge read_merge(std::string_view text, int rank, const SymbolTable& symbols,
                          const Line& line);
  const Merge* find(std::int32_t left, std::int32_t right) const;

  std::array<std::int32_t, 256> inner_{};  // the symbol of a byte within a word
  std::array<std::int32_t, 256> last_{};   // and at its end
  std::vector<Merge> merges_;              // by pair
};

/// The symbols of the 256 bytes in the order of OpenAI's bytes_to_unicode(), which is that of their
/// ids: the printable ones of Latin-1 first.
std::vector<std::string> byte_symbols();

}  // namespace easel
