#include "image/hidden_text.h"

#include <zlib.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/utf8.h"

namespace easel::formats {
namespace {

constexpr std::size_t kMaxHidden = std::size_t{16} << 20;
constexpr std::string_view kPlain = "stealth_pnginfo", kPacked = "stealth_pngcomp";
constexpr std::size_t kLengthBytes = 4;
constexpr int kAnyGzip = MAX_WBITS + 16;

// The lowest bits of alpha, a column after the other, as bytes.
class LowestBits {
 public:
  // REQUIRES: 8-bit RGBA
  explicit LowestBits(const Image& image) : image_(image) {}

  // Nothing where the picture has no more of them.
  std::optional<std::string> read(std::size_t bytes) {
    const auto height = static_cast<std::size_t>(image_.height());
    if (bytes > (static_cast<std::size_t>(image_.width()) * height - at_) / 8) return std::nullopt;
    std::string out(bytes, '\0');
    for (char& byte : out) {
      unsigned value = 0;
      for (int i = 0; i < 8; ++i, ++at_) {
        const auto row = image_.row8(static_cast<int>(at_ % height));
        value = value << 1 | (row[at_ / height * 4 + 3] & 1u);
      }
      byte = static_cast<char>(value);
    }
    return out;
  }

 private:
  const Image& image_;
  std::size_t at_ = 0;  // bits read
};

std::optional<std::string> gunzipped(const std::string& packed) {
  z_stream stream{};
  if (inflateInit2(&stream, kAnyGzip) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  std::array<char, 16384> piece{};
  int status = Z_OK;
  while (status == Z_OK && out.size() <= kMaxHidden) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> text_in(const Image& image) {
  LowestBits bits(image);
  const auto signature = bits.read(kPacked.size());
  if (signature != kPlain && signature != kPacked) return std::nullopt;
  const auto length = bits.read(kLengthBytes);
  if (!length) return std::nullopt;
  std::size_t size = 0;  // in bits
  for (const char byte : *length) size = size << 8 | static_cast<std::uint8_t>(byte);
  if (size / 8 > kMaxHidden) return std::nullopt;
  const auto text = bits.read(size / 8);
  return text && signature == kPacked ? gunzipped(*text) : text;
}

}  // namespace

bool may_hide_text(int channels, int bits, const ImageMetadata& metadata) {
  return channels == 4 && bits == 8 && metadata.parameters.empty() && metadata.easel.empty() &&
         metadata.texts.empty();
}

void take_hidden_text(const Image& image, ImageMetadata& metadata) {
  if (!may_hide_text(image.channels(), image.bits(), metadata)) return;
  const auto text = text_in(image);
  if (!text || !is_utf8(*text)) return;
  const auto json = Json::try_parse(*text);
  if (!json || !json->is_object()) {
    metadata.parameters = *text;
    return;
  }
  for (const auto& [key, value] : json->items())
    metadata.texts.push_back({key, value.is_string() ? value.text() : value.dump()});
}

}  // namespace easel::formats
