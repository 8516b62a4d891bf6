#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "weights/file.h"

// What the directory of a zip archive is made of; for zip.cpp.

namespace easel {

inline constexpr std::uint16_t kZipHasDescriptor = 1u << 3;
inline constexpr std::uint16_t kZipStored = 0;
inline constexpr std::uint16_t kZipDeflated = 8;
inline constexpr std::uint32_t kZipIn64 = 0xffffffffu;  // "the value is in the ZIP64 field"

template <typename... Args>
[[noreturn]] void fail_zip(const File& file, fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorCode::kInvalidFile, "the zip archive '{}': {}", file.name(),
       fmt::format(format, std::forward<Args>(args)...));
}
[[noreturn]] void refuse_split_zip(const File& file);

/// Little-endian fields from a run of bytes. Throws kInvalidFile where it ends too early.
class ZipFields {
 public:
  ZipFields(std::span<const std::byte> bytes, const File& file) : bytes_(bytes), file_(&file) {}

  std::uint64_t number(std::size_t bytes);
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::int64_t i64();
  std::span<const std::byte> take(std::size_t bytes);
  std::string text(std::size_t bytes);
  bool empty() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
  const File* file_;
};

/// The values of the ZIP64 extra field, in the order of the record's saturated fields.
class ZipExtra64 {
 public:
  ZipExtra64(std::span<const std::byte> extra, const File& file);

  bool present() const { return present_; }
  std::int64_t next();

 private:
  const File& file_;
  ZipFields values_;
  bool present_ = false;
};

/// Small positioned reads through one buffer: a local header and the descriptor before it are
/// neighbours, so an archive costs about one system call an entry.
class ZipWindow {
 public:
  explicit ZipWindow(const File& file) : file_(file) {}

  /// Valid until the next call.
  std::span<const std::byte> at(std::int64_t offset, std::int64_t bytes);

 private:
  static constexpr std::int64_t kBytes = 1024;

  const File& file_;
  std::int64_t begin_ = 0;
  std::vector<std::byte> buffer_;
};

/// A file as the central directory describes it.
struct ZipCentralRecord {
  static constexpr std::int64_t kLeastBytes = 46;

  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = kZipStored;
  std::uint32_t crc = 0;
  std::int64_t stored = 0;
  std::int64_t size = 0;
  std::int64_t local_offset = 0;
};

/// The next record of the directory. Throws kInvalidFile, kUnsupported.
ZipCentralRecord read_central_record(ZipFields& fields, const File& file);

}  // namespace easel
