#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace easel {

/// A file being written under a temporary name; publish() makes it appear whole under its own. What
/// is never published is removed.
class OutputFile {
 public:
  struct Plan {
    std::filesystem::path path;
    std::int64_t bytes = 0;  ///< reserved at once, so that a full disk shows before the work
    bool overwrite = false;
  };
  /// Throws kUsage when the file is there and not to be replaced, kNoSpace, kIo.
  explicit OutputFile(Plan plan);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Appends. Throws kNoSpace, kIo.
  void write(std::span<const std::byte> bytes);
  /// Syncs the file, gives it its name, syncs the folder. Throws kUsage, kNoSpace, kIo.
  void publish();

 private:
  [[noreturn]] void fail_with(int error) const;
  void reserve();

  Plan plan_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

}  // namespace easel
