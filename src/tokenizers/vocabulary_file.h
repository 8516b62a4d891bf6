#pragma once

#include <filesystem>
#include <string>

namespace easel {

/// The text of a vocabulary, gzipped or not, of at most 64 MiB. Throws kNotFound, kIo,
/// kInvalidFile.
std::string read_vocabulary_file(const std::filesystem::path& file);

}  // namespace easel
