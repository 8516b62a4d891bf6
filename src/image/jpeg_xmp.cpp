#include "image/jpeg_xmp.h"

#include <algorithm>
#include <cstddef>

namespace easel::formats {
namespace {

constexpr std::string_view kExtensionHeader{"http://ns.adobe.com/xmp/extension/\0", 35};
constexpr std::size_t kGuid = 32, kNumber = 4;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, kNumber))
    value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

void XmpExtension::add(std::string_view segment) {
  if (!segment.starts_with(kExtensionHeader)) return;
  segment.remove_prefix(kExtensionHeader.size());
  if (segment.size() < kGuid + 2 * kNumber) return;
  pieces_.push_back({.guid = segment.substr(0, kGuid),
                     .length = big_endian(segment.substr(kGuid)),
                     .offset = big_endian(segment.substr(kGuid + kNumber)),
                     .text = segment.substr(kGuid + 2 * kNumber)});
}

std::string XmpExtension::whole(std::string_view guid) const {
  std::vector<Piece> pieces;
  std::ranges::copy_if(pieces_, std::back_inserter(pieces),
                       [&](const Piece& piece) { return piece.guid == guid; });
  std::ranges::stable_sort(pieces, {}, &Piece::offset);
  std::string text;
  for (const Piece& piece : pieces) {
    if (piece.offset < text.size()) continue;  // sent twice
    if (piece.offset > text.size()) return {};
    text += piece.text;
  }
  return pieces.empty() || text.size() != pieces.front().length ? std::string() : text;
}

}  // namespace easel::formats
