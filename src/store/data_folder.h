#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace easel {

/// The folder that holds everything that was drawn, and what it was drawn from: easel.db,
/// pictures/, thumbnails/, previews/, given/.
/// While it lives no other process can claim it.
class DataFolder {
 public:
  enum class Claim {
    kNeeded,  ///< to write
    kIfFree,  ///< to read, beside whoever writes
  };
  /// Makes it (mode 0700) if it is not there. Throws kUsage when the claim is needed and another
  /// process has it, kIo.
  explicit DataFolder(const std::filesystem::path& path, Claim claim = Claim::kNeeded);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  /// False: another process writes here; nothing may be written.
  bool claimed() const { return claimed_; }
  /// Leaves a word for who comes in vain: where this process serves. REQUIRES: claimed().
  void say_where(const std::string& url) const noexcept;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path pictures() const { return path_ / "pictures"; }
  std::filesystem::path thumbnails() const { return path_ / "thumbnails"; }
  std::filesystem::path previews() const { return path_ / "previews"; }
  std::filesystem::path given() const { return path_ / "given"; }
  /// Lists that prompts may name, put there by a person.
  std::filesystem::path wildcards() const { return path_ / "wildcards"; }

  struct Space {
    std::int64_t free = 0;  ///< bytes that this user may still write
    std::int64_t total = 0;
    std::int64_t free_files = 0;  ///< that it may still make: inodes
    std::int64_t total_files = 0;
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
  bool claimed_ = false;
};

}  // namespace easel
