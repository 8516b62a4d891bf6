#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "weights/file.h"

namespace easel {

/// One file of a zip archive, stored as it is or deflated.
struct ZipEntry {
  std::int64_t offset = 0;  ///< of its bytes in the archive
  std::int64_t stored = 0;  ///< bytes there
  std::int64_t size = 0;    ///< bytes when unpacked
  std::uint32_t crc = 0;    ///< of these
  bool deflated = false;
};

/// The directory of a zip archive as torch.save writes them, or as other programs have packed such
/// a one again: entries in one top folder.
struct ZipDirectory {
  std::string folder;  ///< with its slash, "model/"
  std::unordered_map<std::string, ZipEntry> entries;
  std::int64_t bytes_after = 0;  ///< bytes behind the archive's end, which are not read

  /// The entry `folder` + name, or null.
  const ZipEntry* find(const std::string& name) const;
};

/// Reads the central directory (APPNOTE 6.3.10, ZIP64 included) and holds every local header and
/// data descriptor against it. Ambiguous archives are refused: anything before the first entry,
/// overlapping entries, two ends, names twice. Deflated entries together unpack to at most four
/// times the archive's size and 64 MiB.
/// Throws kInvalidFile, kUnsupported (compressed otherwise, encrypted, split), kIo.
ZipDirectory read_zip_directory(const File& file);

/// Where an entry's unpacked bytes are read: in the archive itself, or, unpacked when first read
/// and held against the checksum, in memory.
struct ZipContent {
  std::shared_ptr<const File> file;
  std::int64_t offset = 0;
};
ZipContent open_zip_entry(const std::shared_ptr<const File>& archive, const std::string& name,
                          const ZipEntry& entry);

/// Throws kInvalidFile when the bytes of an entry do not have its checksum.
void check_zip_entry(const File& file, const std::string& name, const ZipEntry& entry);

}  // namespace easel
