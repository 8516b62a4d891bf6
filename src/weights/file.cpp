#include "weights/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace easel {
namespace {

std::string system_message(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_to_open(const std::string& name, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      fail(ErrorCode::kNotFound, "there is no file '{}'", name);
    case ENXIO:
    case ENODEV:
      fail(ErrorCode::kUnsupported, "'{}' is not a regular file", name);
    default:
      fail(ErrorCode::kIo, "cannot open '{}': {}", name, system_message(error));
  }
}

}  // namespace

std::shared_ptr<const File> File::open(const std::filesystem::path& path) {
  std::shared_ptr<File> file(new File);
  file->name_ = printable(path.native());
  if (path.native().find('\0') != std::string::npos) {
    fail(ErrorCode::kNotFound, "there is no file '{}'", file->name_);
  }
  // O_NONBLOCK so that a pipe without a writer cannot hold us; it means nothing to a regular file.
  file->descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file->descriptor_ < 0) fail_to_open(file->name_, errno);
  struct ::stat status {};
  if (::fstat(file->descriptor_, &status) != 0) fail_to_open(file->name_, errno);
  if (S_ISDIR(status.st_mode)) {
    fail(ErrorCode::kUnsupported, "'{}' is a folder, wanted a model file", file->name_);
  }
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::kUnsupported, "'{}' is not a regular file", file->name_);
  }
  file->size_ = status.st_size;
  file->modified_ = status.st_mtim;
  return file;
}

std::shared_ptr<const File> File::in_memory(std::string name, std::vector<std::byte> bytes) {
  std::shared_ptr<File> file(new File);
  file->name_ = printable(name);
  file->size_ = static_cast<std::int64_t>(bytes.size());
  file->bytes_ = std::move(bytes);
  return file;
}

std::shared_ptr<const File> File::unpacked(std::string name, std::int64_t size, Unpack unpack) {
  std::shared_ptr<File> file(new File);
  file->name_ = printable(name);
  file->size_ = size;
  file->unpack_ = std::move(unpack);
  return file;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::check_unchanged() const {
  struct ::stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    fail(ErrorCode::kIo, "cannot read '{}': {}", name_, system_message(errno));
  }
  if (status.st_size != size_ || status.st_mtim.tv_sec != modified_.tv_sec ||
      status.st_mtim.tv_nsec != modified_.tv_nsec) {
    fail(ErrorCode::kInvalidFile, "the file '{}' was changed after it had been opened", name_);
  }
}

void File::read_at(std::int64_t offset, std::span<std::byte> out) const {
  const auto wanted = static_cast<std::int64_t>(out.size());
  if (offset < 0 || wanted > size_ || offset > size_ - wanted) {
    fail(ErrorCode::kInvalidFile, "the file '{}' ends at byte {}, wanted {} bytes at {}", name_,
         size_, wanted, offset);
  }
  if (out.empty()) return;
  if (unpack_) std::call_once(once_, [&] { bytes_ = unpack_(); });
  if (descriptor_ < 0) {
    std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return;
  }
  while (!out.empty()) {
    const ::ssize_t got = ::pread(descriptor_, out.data(), out.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorCode::kIo, "cannot read '{}': {}", name_, system_message(errno));
    if (got == 0) fail(ErrorCode::kInvalidFile, "the file '{}' became shorter", name_);
    out = out.subspan(static_cast<std::size_t>(got));
    offset += got;
  }
  check_unchanged();
}

std::vector<std::byte> File::read_at(std::int64_t offset, std::int64_t bytes) const {
  if (bytes < 0 || bytes > size_) {
    fail(ErrorCode::kInvalidFile, "the file '{}' ends at byte {}, wanted {} bytes at {}", name_,
         size_, bytes, offset);
  }
  std::vector<std::byte> out(static_cast<std::size_t>(bytes));
  read_at(offset, std::span(out));
  return out;
}

}  // namespace easel
