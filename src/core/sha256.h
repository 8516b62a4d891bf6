#pragma once

#include <string>
#include <string_view>

namespace easel {

/// SHA-256 in 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace easel
