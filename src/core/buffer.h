#pragma once

#include <cstddef>
#include <memory>

namespace easel {

/// Page- or cache-line-aligned memory that is not initialised; asks for huge pages when large.
/// Throws kNoMemory.
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();
  /// Memory that release() gave up, owned again.
  static Buffer adopt(void* data, std::size_t bytes);
  /// Gives its memory up to the caller.
  void* release();

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace easel
