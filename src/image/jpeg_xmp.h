#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace easel::formats {

/// Under which name the rest of a packet is kept among a picture's texts.
inline constexpr std::string_view kXmpExtensionKey = "XMP extension";

/// The rest of an XMP packet that is too long for one segment of a JPEG, from the segments that
/// hold its pieces (XMP Specification, Part 3, 1.1.3.1). Views into the file.
class XmpExtension {
 public:
  /// Takes a segment, where it is such a piece.
  void add(std::string_view segment);
  /// Of the packet whose first part names it by `guid`; empty where a piece is missing. No longer
  /// than its pieces are in the file.
  std::string whole(std::string_view guid) const;

 private:
  struct Piece {
    std::string_view guid;
    std::uint32_t length;  ///< of the whole
    std::uint32_t offset;
    std::string_view text;
  };
  std::vector<Piece> pieces_;
};

}  // namespace easel::formats
