#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace easel {

enum class IfExists { kReplace, kRefuse };

/// Writes a whole file or nothing: to a temporary name in the same folder, synced, then renamed.
/// With kRefuse a file that is there stays as it is, also when it appears in the meantime.
/// Throws kNoSpace, kNotFound (no such folder), kUsage (it exists, or may not be written), kIo.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes,
                           IfExists if_exists = IfExists::kReplace);
void write_file_atomically(const std::filesystem::path& path, std::string_view text,
                           IfExists if_exists = IfExists::kReplace);

}  // namespace easel
