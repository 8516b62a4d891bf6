#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>

namespace easel {

/// The text of a vocabulary, gzipped or not, of at most 64 MiB; of one longer than `most_lines`
/// little more than these, though the whole file must be sound. Throws kNotFound, kIo,
/// kInvalidFile.
std::string read_vocabulary_file(const std::filesystem::path& file,
                                 std::size_t most_lines = std::numeric_limits<std::size_t>::max());

}  // namespace easel
