#include "image/png_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace easel::formats {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kSignature = 8;
constexpr std::size_t kFrame = 12;  // length, kind and checksum

struct Chunk {
  std::string_view kind;
  Bytes data;
  Bytes whole;  // with its frame
};

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t big_endian(Bytes bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

constexpr std::uint8_t kEnd[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

// Calls visit(chunk) for every chunk up to IEND; false where there is none, but pixels are: whether
// these are all is for libpng to see.
template <typename Visit>
bool each_chunk(Bytes bytes, std::string_view name, Visit visit) {
  std::size_t at = kSignature;
  bool has_pixels = false;
  while (bytes.size() - at >= kFrame) {
    const std::size_t length = big_endian(bytes.subspan(at));
    if (bytes.size() - at - kFrame < length) break;
    const Chunk chunk{.kind = text_of(bytes.subspan(at + 4, 4)),
                      .data = bytes.subspan(at + 8, length),
                      .whole = bytes.subspan(at, kFrame + length)};
    visit(chunk);
    at += kFrame + length;
    if (chunk.kind == "IEND") return true;
    has_pixels |= chunk.kind == "IDAT";
  }
  if (has_pixels) return false;
  fail(ErrorCode::kInvalidFile,
       "the PNG {} is cut short or broken: a chunk at byte {} does not end", name, at);
}

// Critical chunks begin with a capital; of the others, transparency is pixels too.
bool makes_pixels(std::string_view kind) { return (kind[0] & 0x20) == 0 || kind == "tRNS"; }

bool is_text(std::string_view kind) { return kind == "tEXt" || kind == "zTXt" || kind == "iTXt"; }

}  // namespace

PngSource::PngSource(std::span<const std::uint8_t> bytes, std::string_view name) {
  Bytes profile;
  each_chunk(bytes, name, [&](const Chunk& chunk) {
    if (chunk.kind == "iCCP" && profile.empty()) profile = chunk.whole;
    if (chunk.kind == "eXIf" && exif_.empty()) exif_ = chunk.data;
    if (chunk.kind == "acTL" && chunk.data.size() >= 4) frames_ = big_endian(chunk.data);
    if (is_text(chunk.kind)) texts_.push_back({chunk.kind, chunk.data});
  });
  pieces_.push_back(bytes.first(kSignature));
  bool header = true;
  const bool ends = each_chunk(bytes, name, [&](const Chunk& chunk) {
    if (!makes_pixels(chunk.kind)) return;
    pieces_.push_back(chunk.whole);
    if (std::exchange(header, false) && !profile.empty()) pieces_.push_back(profile);
  });
  if (!ends) pieces_.push_back(kEnd);
}

bool PngSource::take(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (piece_ == pieces_.size()) return false;
    const Bytes rest = pieces_[piece_].subspan(taken_);
    const std::size_t count = std::min(rest.size(), out.size());
    if (count > 0) std::memcpy(out.data(), rest.data(), count);
    out = out.subspan(count);
    taken_ += count;
    if (count == rest.size()) {
      ++piece_;
      taken_ = 0;
    }
  }
  return true;
}

}  // namespace easel::formats
