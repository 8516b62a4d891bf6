#pragma once

#include <cstdint>
#include <filesystem>

namespace easel {

/// The folder that holds everything that was drawn: easel.db, pictures/, thumbnails/, previews/.
/// While it lives no other process can open it.
class DataFolder {
 public:
  /// Makes it (mode 0700) if it is not there. Throws kUsage when another process has it, kIo.
  explicit DataFolder(const std::filesystem::path& path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "easel.db"; }
  std::filesystem::path pictures() const { return path_ / "pictures"; }
  std::filesystem::path thumbnails() const { return path_ / "thumbnails"; }
  std::filesystem::path previews() const { return path_ / "previews"; }

  struct Space {
    std::int64_t free = 0;  ///< bytes that this user may still write
    std::int64_t total = 0;
  };
  Space space() const;

  static constexpr std::int64_t kReserveBytes = std::int64_t{4} << 20;
  /// A reserve that is given up when the disk is full, so that the database can still say so; and
  /// made again later: false when there is no room for it. Neither throws.
  void give_up_reserve() const noexcept;
  bool make_reserve() const noexcept;

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace easel
