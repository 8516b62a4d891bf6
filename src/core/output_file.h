#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "core/atomic_file.h"

namespace easel {

/// A file being written under a temporary name in its folder; publish() makes it appear whole under
/// its own. What is never published is removed.
class OutputFile {
 public:
  struct Plan {
    std::filesystem::path path;
    std::int64_t bytes = 0;  ///< reserved at once, so that a full disk shows before the work
    IfExists if_exists = IfExists::kRefuse;
  };
  /// Throws kUsage when the file is there and not to be replaced or may not be written, kNotFound
  /// (no such folder), kNoSpace, kIo.
  explicit OutputFile(Plan plan);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Appends. Throws kNoSpace, kIo.
  void write(std::span<const std::byte> bytes);
  /// Syncs the file, gives it its name, syncs the folder. Throws as the constructor does.
  void publish();

 private:
  void make_temporary();
  void reserve();
  void move_if_absent();
  std::filesystem::path folder() const;

  Plan plan_;
  std::string temporary_;
  int descriptor_ = -1;
};

/// Syncs the names in a folder to the disk. What fails only delays them.
void sync_folder(const std::filesystem::path& folder);

}  // namespace easel
