#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// Code points of UTF-8; a broken byte becomes U+FFFD.
std::u32string code_points(std::string_view text);
void append_utf8(std::string& out, char32_t point);
bool is_valid_utf8(std::string_view text);
/// The same text with every broken byte replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// Latin-1 where all of the text fits it (and holds no control characters but line ends), as PNG's
/// tEXt wants it.
std::optional<std::string> latin1_from_utf8(std::string_view text);
std::string utf8_from_latin1(std::string_view text);

}  // namespace easel
