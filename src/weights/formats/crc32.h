#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace easel {

/// Continues the CRC-32 of zip archives (polynomial 0xedb88320): start with 0, feed piece by piece.
std::uint32_t crc32(std::uint32_t crc, std::span<const std::byte> bytes);

}  // namespace easel
