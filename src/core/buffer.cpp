#include "core/buffer.h"

#include <sys/mman.h>

#include <utility>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

// Everything comes from mmap, aligned to 2 MiB when large: a large buffer goes back to the system
// the moment it is freed (the text encoder's two gigabytes must not linger in an allocator), and
// the kernel can back it with huge pages.
Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const bool huge = bytes >= 2 * kHugePage;
  const std::size_t size = round_up(bytes, std::size_t{4096});
  const std::size_t reserve = huge ? size + kHugePage : size;
  void* mapped =
      ::mmap(nullptr, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    fail(ErrorCode::kNoMemory, "out of memory: {:.1f} MB more were needed",
         static_cast<double>(bytes) / 1e6);
  }
  data_ = mapped;
  if (!huge) return;
  auto* begin = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t lead = round_up(address, kHugePage) - address;
  if (lead > 0) ::munmap(begin, lead);
  if (kHugePage > lead) ::munmap(begin + lead + size, kHugePage - lead);
  data_ = begin + lead;
  ::madvise(data_, size, MADV_HUGEPAGE);
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Buffer Buffer::adopt(void* data, std::size_t bytes) {
  Buffer buffer;
  buffer.data_ = data;
  buffer.bytes_ = bytes;
  return buffer;
}

void* Buffer::release() {
  bytes_ = 0;
  return std::exchange(data_, nullptr);
}

Buffer::~Buffer() {
  if (data_ != nullptr) ::munmap(data_, round_up(bytes_, std::size_t{4096}));
}

}  // namespace easel
