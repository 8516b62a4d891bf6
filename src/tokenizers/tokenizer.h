#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace easel {

/// Text to the token ids of a model's vocabulary. Immutable and thread-safe.
class Tokenizer {
 public:
  struct Encoding {
    std::vector<std::int32_t> ids;  ///< exactly `length` ids: what begins a text … ends it, padding
    int used = 0;                   ///< ids before the padding, beginning and end included
    int dropped = 0;                ///< pieces of the text that did not fit
  };
  struct EncodeOptions {
    int length = 77;  ///< of the model; longer texts are cut, shorter ones padded
  };

  virtual ~Tokenizer() = default;
  /// REQUIRES: there is room for what begins and ends a text.
  virtual Encoding encode(std::string_view text, EncodeOptions options) const = 0;
  /// Ids are below it.
  virtual std::int32_t size() const = 0;
};

}  // namespace easel
