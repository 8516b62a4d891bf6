#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// Latin-1 where all of the text fits it (and holds no control characters but line ends), as PNG's
/// tEXt wants it.
std::optional<std::string> latin1_from_utf8(std::string_view text);
std::string utf8_from_latin1(std::string_view text);

/// UTF-16 in the byte order given, from UTF-8 and back; what is broken becomes U+FFFD.
std::vector<std::uint8_t> utf16_bytes(std::string_view text, bool big_endian);
std::string utf8_from_utf16(std::span<const std::uint8_t> bytes, bool big_endian);

}  // namespace easel
