#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weights/file.h"

namespace easel {

/// Bytes that are read once, from front to back, through a window of at most kWindow: what is
/// passed over is never in memory.
class ByteStream {
 public:
  static constexpr std::size_t kWindow = std::size_t{128} << 10;

  /// Over bytes in memory, which outlive the stream.
  explicit ByteStream(std::span<const std::byte> bytes) : size_(bytes.size()), window_(bytes) {}
  /// Over a part of a file, which outlives the stream. REQUIRES: the part lies inside the file.
  ByteStream(const File& file, std::int64_t offset, std::int64_t bytes)
      : file_(&file), offset_(offset), size_(static_cast<std::uint64_t>(bytes)) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t left() const { return size_ - position_; }

  /// The next bytes, `most` of them or fewer where the stream ends; valid until the next call.
  /// REQUIRES: most <= kWindow
  std::span<const std::byte> peek(std::size_t most) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, left()));
    if (position_ - window_start_ + wanted > window_.size()) refill();
    return window_.subspan(static_cast<std::size_t>(position_ - window_start_), wanted);
  }

  /// REQUIRES: bytes <= left()
  void skip(std::uint64_t bytes) {
    position_ += bytes;
    if (position_ - window_start_ > window_.size()) {  // only of a file
      window_start_ = position_;
      window_ = {};
    }
  }

 private:
  void refill() {
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, left())));
    file_->read_at(offset_ + static_cast<std::int64_t>(position_), buffer_);
    window_start_ = position_;
    window_ = buffer_;
  }

  const File* file_ = nullptr;
  std::int64_t offset_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t window_start_ = 0;
  std::span<const std::byte> window_;
  std::vector<std::byte> buffer_;
};

}  // namespace easel
