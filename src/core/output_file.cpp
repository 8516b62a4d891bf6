#include "core/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

[[noreturn]] void fail_write(const std::filesystem::path& path, int error) {
  const std::string name = printable(path.native());
  const std::string reason = std::generic_category().message(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      fail(ErrorCode::kNoSpace, "the disk is full: could not write {}", name);
    case EFBIG:
      fail(ErrorCode::kNoSpace, "could not write {}: no file may be that large ({})", name, reason);
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

}  // namespace

OutputFile::OutputFile(Plan plan) : plan_(std::move(plan)) {
  std::error_code ignored;
  if (plan_.if_exists == IfExists::kRefuse && std::filesystem::exists(plan_.path, ignored)) {
    fail_write(plan_.path, EEXIST);
  }
  make_temporary();
  try {
    reserve();
  } catch (...) {
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
    throw;
  }
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

std::filesystem::path OutputFile::folder() const {
  const auto parent = plan_.path.parent_path();
  return parent.empty() ? std::filesystem::path(".") : parent;
}

// Not mkostemp, whose files only their owner may read: here the umask decides, as for any other
// file that the person makes.
void OutputFile::make_temporary() {
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    const auto name = fmt::format(".easel-{}-{}.tmp", ::getpid(), attempt);
    temporary_ = (folder() / name).string();
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) fail_write(plan_.path, errno);
  }
}

void OutputFile::reserve() {
  if (plan_.bytes == 0) return;
  int error = 0;
  do {
    error = ::fallocate(descriptor_, 0, 0, plan_.bytes) == 0 ? 0 : errno;
  } while (error == EINTR);
  // Not every file system can; it then shows while writing.
  if (error != 0 && error != EOPNOTSUPP && error != ENOSYS) fail_write(plan_.path, error);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_write(plan_.path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void OutputFile::move_if_absent() {
  const char* from = temporary_.c_str();
  const char* to = plan_.path.c_str();
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail_write(plan_.path, errno);
  // A file system without that call: a hard link refuses as well.
  if (::link(from, to) != 0) fail_write(plan_.path, errno);
  ::unlink(from);
}

void OutputFile::publish() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail_write(plan_.path, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_write(plan_.path, errno);
  if (plan_.if_exists == IfExists::kRefuse) {
    move_if_absent();
  } else if (::rename(temporary_.c_str(), plan_.path.c_str()) != 0) {
    fail_write(plan_.path, errno);
  }
  temporary_.clear();
  sync_folder(folder());  // the file is whole either way
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace easel
