#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace easel::tiff {

// What Easel knows of TIFF blocks, in which EXIF is kept.

using Bytes = std::span<const std::uint8_t>;

inline constexpr std::uint16_t kImageWidth = 0x0100;
inline constexpr std::uint16_t kImageLength = 0x0101;
inline constexpr std::uint16_t kDescription = 0x010E;
inline constexpr std::uint16_t kMake = 0x010F;
inline constexpr std::uint16_t kModel = 0x0110;
inline constexpr std::uint16_t kOrientation = 0x0112;
inline constexpr std::uint16_t kExifIfd = 0x8769;
inline constexpr std::uint16_t kMakerNote = 0x927C;
inline constexpr std::uint16_t kUserComment = 0x9286;
inline constexpr std::uint16_t kPixelWidth = 0xA002;
inline constexpr std::uint16_t kPixelHeight = 0xA003;
/// Texts of other programs that a PNG kept under keywords: 0xEA00 and up, which nobody registered.
inline constexpr std::uint16_t kFirstText = 0xEA00;
inline constexpr std::uint16_t kLastText = 0xEAFF;

inline constexpr std::uint16_t kByte = 1;
inline constexpr std::uint16_t kAscii = 2;
inline constexpr std::uint16_t kShort = 3;
inline constexpr std::uint16_t kLong = 4;
inline constexpr std::uint16_t kUndefined = 7;

inline constexpr std::string_view kUnicodeCode{"UNICODE\0", 8};
inline constexpr std::string_view kMaker{"Easel\0", 6};
inline constexpr std::string_view kHeader{"Exif\0\0", 6};

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An entry of a directory. `value` is where its four bytes of value lie.
struct Entry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 0;
  std::size_t value = 0;
};

/// Numbers of a TIFF block at any offset; nothing where they do not fit.
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes), big_endian_(text_of(bytes).starts_with("MM")) {}

  bool big_endian() const { return big_endian_; }
  /// Where the first directory is; nothing for what is no TIFF block.
  std::optional<std::uint32_t> first_directory() const {
    const bool tiff = big_endian_ || text_of(bytes_).starts_with("II");
    return tiff && number(2, 2) == 42u ? number(4, 4) : std::nullopt;
  }
  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    const auto field = run(at, size);
    if (!field) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = big_endian_ ? size - 1 - i : i;
      value |= static_cast<std::uint32_t>((*field)[i]) << (8 * place);
    }
    return value;
  }
  std::optional<Bytes> run(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    return bytes_.subspan(at, size);
  }
  /// An entry's value of bytes, wherever it lies.
  std::optional<Bytes> bytes_of(const Entry& entry) const {
    return run(entry.count > 4 ? *number(entry.value, 4) : entry.value, entry.count);
  }
  /// The whole number that an entry itself holds, the first where there are several.
  std::optional<std::uint32_t> integer_of(const Entry& entry) const {
    const std::size_t size = size_of(entry.type);
    const bool inside = size > 0 && entry.count > 0 && entry.count <= 4 / size;
    return inside ? number(entry.value, size) : std::nullopt;
  }
  /// Bytes of a whole number of this type; 0 for what is none.
  static constexpr std::size_t size_of(std::uint32_t type) {
    return type == kByte ? 1 : type == kShort ? 2 : type == kLong ? 4 : 0;
  }

  /// Calls take(entry) for each entry of a directory.
  template <typename Take>
  void each_entry(std::size_t directory, Take take) const {
    const std::uint32_t count = number(directory, 2).value_or(0);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t at = directory + 2 + std::size_t{12} * i;
      if (!run(at, 12)) return;
      take(Entry{*number(at, 2), *number(at + 2, 2), *number(at + 4, 4), at + 8});
    }
  }

 private:
  Bytes bytes_;
  bool big_endian_;
};

}  // namespace easel::tiff
