#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace easel {

struct CodePoint {
  char32_t value = U'\ufffd';
  std::size_t bytes = 1;
  bool valid = false;
};

/// The UTF-8 sequence at the front of `text` (RFC 3629: shortest forms only, no surrogates, nothing
/// above U+10FFFF); one invalid byte, whose value is U+FFFD, where there is none.
/// REQUIRES: not empty
CodePoint first_code_point(std::string_view text);

bool is_utf8(std::string_view text);

/// Code points of UTF-8; each invalid byte becomes U+FFFD.
std::u32string code_points(std::string_view text);

/// REQUIRES: code points that UTF-8 has: no surrogates, nothing above U+10FFFF
void append_utf8(std::string& out, char32_t point);
std::string to_utf8(std::u32string_view text);

/// The same text with each invalid byte replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace easel
