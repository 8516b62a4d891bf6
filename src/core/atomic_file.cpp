#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace easel {
namespace {

[[noreturn]] void fail_write(const std::filesystem::path& path, int error) {
  const std::string name = path.string();
  const std::string reason = std::generic_category().message(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      fail(ErrorCode::kNoSpace, "the disk is full: could not write {}", name);
    case ENOENT:
    case ENOTDIR:
      fail(ErrorCode::kNotFound, "could not write {}: there is no such folder", name);
    case EACCES:
    case EPERM:
    case EROFS:
      fail(ErrorCode::kUsage, "could not write {}: not allowed ({})", name, reason);
    case EISDIR:
      fail(ErrorCode::kUsage, "could not write {}: it is a folder", name);
    case EEXIST:
      fail(ErrorCode::kUsage, "could not write {}: it is there already", name);
    case ENAMETOOLONG:
      fail(ErrorCode::kUsage, "could not write {}: the name is too long", name);
    default:
      fail(ErrorCode::kIo, "could not write {}: {}", name, reason);
  }
}

// A file under a temporary name, removed again unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target) : target_(target) {
    // Not mkostemp, whose files only their owner may read: here the umask decides, as for any other
    // file that the person makes.
    for (int attempt = 0; file_ < 0; ++attempt) {
      name_ = (folder() / fmt::format(".easel-{}-{}.tmp", ::getpid(), attempt)).string();
      file_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file_ < 0 && errno != EEXIST) fail_write(target_, errno);
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_ >= 0) ::close(file_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_write(target_, errno);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

  void finish() {
    if (::fsync(file_) != 0 && errno != EINVAL) fail_write(target_, errno);
    if (::close(std::exchange(file_, -1)) != 0) fail_write(target_, errno);
  }

  void become_target(IfExists if_exists) {
    if (if_exists == IfExists::kReplace) {
      if (::rename(name_.c_str(), target_.c_str()) != 0) fail_write(target_, errno);
    } else {
      move_if_absent();
    }
    name_.clear();
    const int directory = ::open(folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    ::fsync(directory);  // the file is whole either way: what fails here only delays the new name
    ::close(directory);
  }

 private:
  std::filesystem::path folder() const {
    const auto parent = target_.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
  }

  void move_if_absent() {
    if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) {
      return;
    }
    if (errno != EINVAL && errno != ENOSYS) fail_write(target_, errno);
    // A file system without that call: a hard link refuses as well.
    if (::link(name_.c_str(), target_.c_str()) != 0) fail_write(target_, errno);
    ::unlink(name_.c_str());
  }

  std::filesystem::path target_;
  std::string name_;
  int file_ = -1;
};

}  // namespace

void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes,
                           IfExists if_exists) {
  TemporaryFile file(path);
  file.write(bytes);
  file.finish();
  file.become_target(if_exists);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text,
                           IfExists if_exists) {
  write_file_atomically(path, std::as_bytes(std::span(text)), if_exists);
}

}  // namespace easel
