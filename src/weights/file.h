#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/printable.h"

namespace easel {

/// A regular file open for positioned reads, or bytes in memory that are read like one. Nothing is
/// mapped: a file that shrinks or changes gives an Error, never a signal.
///
/// Thread rule: all const, any thread.
class File {
 public:
  /// Throws kNotFound, kIo, and kUnsupported for anything that is not a regular file.
  static std::shared_ptr<const File> open(const std::filesystem::path& path);
  static std::shared_ptr<const File> in_memory(std::string name, std::vector<std::byte> bytes);
  /// Bytes that `unpack` makes when they are first read; they stay as long as the object.
  using Unpack = std::function<std::vector<std::byte>()>;
  static std::shared_ptr<const File> unpacked(std::string name, std::int64_t size, Unpack unpack);

  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// The path as it may be shown on one line.
  const std::string& name() const { return name_; }
  std::int64_t size() const { return size_; }

  /// Fills `out` from `offset` on. Throws kInvalidFile when the file ends before or has been
  /// changed since it was opened, kIo when the system cannot read it.
  void read_at(std::int64_t offset, std::span<std::byte> out) const;
  std::vector<std::byte> read_at(std::int64_t offset, std::int64_t bytes) const;

 private:
  File() = default;
  void check_unchanged() const;

  std::string name_;
  std::int64_t size_ = 0;
  int descriptor_ = -1;
  ::timespec modified_{};
  mutable std::vector<std::byte> bytes_;
  Unpack unpack_;
  mutable std::once_flag once_;
};

}  // namespace easel
