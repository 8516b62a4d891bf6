#include "store/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <system_error>

#include "core/error.h"

namespace easel {
namespace {

std::string reason() { return std::generic_category().message(errno); }

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    fail(ErrorCode::kIo, "could not make the folder {}: {}", path.string(), reason());
  }
  if (!std::filesystem::is_directory(path, error)) {
    fail(ErrorCode::kUsage, "{} is not a folder", path.string());
  }
}

// What the holder of the lock wrote: "PROCESS URL", the latter where it serves.
std::string holder(int file) {
  std::array<char, 256> text{};
  const ssize_t count = ::pread(file, text.data(), text.size() - 1, 0);
  return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "unknown";
}

void write_holder(int file, const std::string& text) {
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, text.data(), text.size(), 0) < 0) {
    // The name of the holder is a courtesy; the lock holds without it.
  }
}

[[noreturn]] void refuse_second(const std::string& other, const std::string& folder) {
  const std::size_t space = other.find(' ');
  if (space == std::string::npos) {
    fail(ErrorCode::kIo,
         "another easel (process {}) is using the folder {}; stop it, or give this one a folder of "
         "its own with --data",
         other, folder);
  }
  fail(ErrorCode::kIo,
       "easel serve (process {}) is using the folder {}; draw on its page, {}, or stop it, or give "
       "this one a folder of its own with --data",
       other.substr(0, space), folder, other.substr(space + 1));
}

}  // namespace

DataFolder::DataFolder(const std::filesystem::path& path, Claim claim)
    : path_(std::filesystem::absolute(path).lexically_normal()) {
  if (!path_.has_filename()) path_ = path_.parent_path();
  make_folder(path_);
  const std::string name = (path_ / "lock").string();
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0) fail(ErrorCode::kIo, "could not open {}: {}", name, reason());
  claimed_ = ::flock(lock_, LOCK_EX | LOCK_NB) == 0;
  if (!claimed_ && claim == Claim::kNeeded) {
    const std::string other = holder(lock_);
    ::close(lock_);
    refuse_second(other, path_.string());
  }
  if (!claimed_) return;
  write_holder(lock_, std::to_string(::getpid()));
  for (const auto& folder : {pictures(), thumbnails(), previews()}) make_folder(folder);
  make_reserve();
}

void DataFolder::say_where(const std::string& url) const noexcept {
  write_holder(lock_, std::to_string(::getpid()) + " " + url);
}

DataFolder::~DataFolder() { ::close(lock_); }

DataFolder::Space DataFolder::space() const {
  struct statvfs status = {};
  if (::statvfs(path_.c_str(), &status) != 0) {
    fail(ErrorCode::kIo, "could not ask for the free space of {}: {}", path_.string(), reason());
  }
  const auto block = static_cast<std::int64_t>(status.f_frsize);
  Space space{.free = static_cast<std::int64_t>(status.f_bavail) * block,
              .total = static_cast<std::int64_t>(status.f_blocks) * block,
              .free_files = static_cast<std::int64_t>(status.f_favail),
              .total_files = static_cast<std::int64_t>(status.f_files)};
  if (space.total_files == 0) {  // a file system that makes them as they are needed
    space.free_files = space.total_files = std::numeric_limits<std::int64_t>::max();
  }
  return space;
}

void DataFolder::give_up_reserve() const noexcept { ::unlink((path_ / "reserve").c_str()); }

bool DataFolder::make_reserve() const noexcept {
  const int file =
      ::open((path_ / "reserve").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  const bool reserved = ::posix_fallocate(file, 0, kReserveBytes) == 0;
  ::close(file);
  if (!reserved) give_up_reserve();
  return reserved;
}

}  // namespace easel
