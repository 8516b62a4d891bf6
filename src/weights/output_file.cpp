#include "weights/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/error.h"
#include "weights/file.h"

namespace easel {
namespace {

constexpr int kNameAttempts = 100;

[[noreturn]] void fail_existing(const std::filesystem::path& path) {
  fail(ErrorCode::kUsage, "the file '{}' is there already", printable(path.native()));
}

}  // namespace

OutputFile::OutputFile(Plan plan) : plan_(std::move(plan)) {
  std::error_code ignored;
  if (!plan_.overwrite && std::filesystem::exists(plan_.path, ignored)) fail_existing(plan_.path);
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    temporary_ = plan_.path;
    temporary_ += fmt::format(".{}-{}.part", ::getpid(), attempt);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) break;
    const int error = errno;
    if (error == EEXIST && attempt < kNameAttempts) continue;
    temporary_.clear();
    fail_with(error);
  }
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

void OutputFile::fail_with(int error) const {
  const std::string name = printable(plan_.path.native());
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    fail(ErrorCode::kNoSpace, "no space for '{}': {} bytes are needed", name, plan_.bytes);
  }
  fail(ErrorCode::kIo, "cannot write '{}': {}", name, std::generic_category().message(error));
}

void OutputFile::reserve() {
  if (plan_.bytes == 0) return;
  int result = 0;
  do {
    result = ::fallocate(descriptor_, 0, 0, plan_.bytes) == 0 ? 0 : errno;
  } while (result == EINTR);
  // Not every file system can; it then shows while writing.
  if (result != 0 && result != EOPNOTSUPP && result != ENOSYS) fail_with(result);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::publish() {
  if (::fsync(descriptor_) != 0) fail_with(errno);
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) fail_with(errno);
  const unsigned flags = plan_.overwrite ? 0u : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, plan_.path.c_str(), flags) != 0) {
    if (errno == EEXIST) fail_existing(plan_.path);
    // Some file systems cannot rename without replacing; a link cannot replace either.
    if (errno != EINVAL || ::link(temporary_.c_str(), plan_.path.c_str()) != 0) {
      if (errno == EEXIST) fail_existing(plan_.path);
      fail_with(errno);
    }
    ::unlink(temporary_.c_str());
  }
  temporary_.clear();
  const std::filesystem::path parent = plan_.path.parent_path();
  const int folder =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // a folder that may be written but not read
  const int synced = ::fsync(folder) == 0 ? 0 : errno;
  ::close(folder);
  if (synced != 0 && synced != EINVAL) fail_with(synced);
}

}  // namespace easel
