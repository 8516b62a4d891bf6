#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "weights/file.h"

namespace easel {

/// One stored (uncompressed) file of a zip archive.
struct ZipEntry {
  std::int64_t offset = 0;  ///< of its bytes in the archive
  std::int64_t size = 0;
  std::uint32_t crc = 0;
};

/// The directory of a zip archive as torch.save writes them: stored entries in one top folder.
struct ZipDirectory {
  std::string folder;  ///< with its slash, "model/"
  std::unordered_map<std::string, ZipEntry> entries;

  /// The entry `folder` + name, or null.
  const ZipEntry* find(const std::string& name) const;
};

/// Reads the central directory (APPNOTE 6.3.10, ZIP64 included) and holds every local header and
/// data descriptor against it. Ambiguous archives are refused: anything before the first entry,
/// overlapping entries, two ends, names twice.
/// Throws kInvalidFile, kUnsupported (compressed, encrypted, split), kIo.
ZipDirectory read_zip_directory(const File& file);

/// Throws kInvalidFile when the bytes of an entry do not have its checksum.
void check_zip_entry(const File& file, const std::string& name, const ZipEntry& entry);

}  // namespace easel
