#include "fetch/install.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/output_file.h"
#include "core/units.h"

namespace easel::fetch {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kSpareBytes = 64 << 20;  // left free beside the model

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorCode::kIo, "'{}' cannot be made: {}", folder.string(), error.message());
}

// Held while a model is being installed; the system lets go of it when the process ends.
class Lock {
 public:
  explicit Lock(const fs::path& file)
      : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0)
      fail(ErrorCode::kIo, "'{}' cannot be written: {}", file.string(), std::strerror(errno));
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      close(descriptor_);
      fail(ErrorCode::kUsage, "another 'easel fetch' is downloading this model");
    }
  }
  ~Lock() { close(descriptor_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int descriptor_;
};

std::int64_t bytes_here(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

// Of `file`, whole or in part.
std::int64_t bytes_of(const RemoteFile& file, const fs::path& target) {
  const std::int64_t bytes = std::max(bytes_here(target), bytes_here(part_of(target)));
  return std::min(bytes, file.expected_bytes());
}

void check_space(const fs::path& folder, std::int64_t needed) {
  struct statvfs space = {};
  if (needed == 0 || statvfs(folder.c_str(), &space) != 0) return;
  const auto available = static_cast<std::int64_t>(space.f_bavail * space.f_frsize);
  if (available >= needed + kSpareBytes) return;
  fail(
      ErrorCode::kNoSpace,
      "{} more must be downloaded, and the disk that holds '{}' has {} free; XDG_DATA_HOME chooses "
      "another place",
      human_bytes(needed), folder.string(), human_bytes(available));
}

}  // namespace

fs::path install(const InstallRequest& request, const InstallHooks& hooks) {
  const fs::path staging = request.models / ("." + request.name + ".download");
  const fs::path folder = request.models / request.name;
  make_folder(staging);
  const Lock lock(request.models / ("." + request.name + ".lock"));

  std::int64_t total = 0, here = 0;
  for (const RemoteFile& file : request.files) {
    total += file.expected_bytes();
    here += bytes_of(file, staging / file.path);
  }
  check_space(staging, total - here);

  std::int64_t done = 0;
  for (const RemoteFile& file : request.files) {
    const fs::path target = staging / file.path;
    make_folder(target.parent_path());
    if (!fs::exists(target)) {
      const DownloadHooks download_hooks{
          .on_bytes =
              [&](std::int64_t bytes, std::int64_t of) {
                hooks.on_bytes(done + bytes, total - file.expected_bytes() + of, file.path);
              },
          .on_note = [&](const std::string& text) { hooks.on_note(file.path + ": " + text); },
          .cancel = hooks.cancel};
      hooks.on_file(file, download(file, target, request.download, download_hooks));
    }
    done += bytes_here(target);
    // A file of unpublished size is planned for at its largest.
    total -= file.expected_bytes() - bytes_here(target);
  }
  hooks.check(staging);
  std::error_code error;
  fs::rename(staging, folder, error);
  if (error) fail(ErrorCode::kIo, "'{}' cannot be renamed: {}", staging.string(), error.message());
  sync_folder(request.models);
  return folder;
}

}  // namespace easel::fetch
