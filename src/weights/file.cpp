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

constexpr std::size_t kShownLength = 160;

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

// The length of the UTF-8 sequence that starts `text`, 0 when it is not one (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) > 0x9f;
  const bool beyond = lead == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_control(std::string_view text, std::size_t length) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (length == 1) return lead < 0x20 || lead == 0x7f;
  return length == 2 && lead == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
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

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= kShownLength) return out + "…";
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text, length)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text, length)) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace easel
