#include "image/png_texts.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/printable.h"
#include "core/utf8.h"
#include "image/encodings.h"

namespace easel::formats {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kMaxText = std::size_t{16} << 20;
constexpr std::size_t kMaxAll = std::size_t{32} << 20;
constexpr std::size_t kMaxCount = 256;
constexpr std::size_t kMaxKey = 79;

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Inflater {
  Inflater() { sound = inflateInit(&stream) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (sound) inflateEnd(&stream);
  }
  z_stream stream{};
  bool sound = false;
};

// Nothing where it is broken or longer than `most`.
std::optional<std::string> inflated(Bytes packed, std::size_t most) {
  Inflater inflater;
  if (!inflater.sound) return std::nullopt;
  z_stream& stream = inflater.stream;
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  std::array<char, 16384> piece{};
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > most) return std::nullopt;
  }
  return status == Z_STREAM_END ? std::optional(std::move(out)) : std::nullopt;
}

// tEXt and zTXt are Latin-1; many programs write UTF-8 there all the same.
std::string plain_text(std::string_view bytes) {
  return is_utf8(bytes) ? std::string(bytes) : utf8_from_latin1(bytes);
}

// The text of a chunk behind its key; nothing where it is broken or too long.
std::optional<std::string> unpacked(const PngTextChunk& chunk, std::size_t most) {
  Bytes rest = chunk.data.subspan(std::min(chunk.data.size(), key_of(chunk).size() + 1));
  if (chunk.kind == "tEXt") {
    return rest.size() > most ? std::nullopt : std::optional(plain_text(text_of(rest)));
  }
  if (chunk.kind == "zTXt") {
    if (rest.empty() || rest[0] != 0) return std::nullopt;
    const auto text = inflated(rest.subspan(1), most);
    return text ? std::optional(plain_text(*text)) : std::nullopt;
  }
  if (rest.size() < 2) return std::nullopt;
  const bool is_packed = rest[0] != 0;
  rest = rest.subspan(2);
  for (int skipped = 0; skipped < 2; ++skipped) {  // the language, the keyword in it
    const auto end = text_of(rest).find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    rest = rest.subspan(end + 1);
  }
  if (!is_packed) {
    return rest.size() > most ? std::nullopt : std::optional(valid_utf8(text_of(rest)));
  }
  const auto text = inflated(rest, most);
  return text ? std::optional(valid_utf8(*text)) : std::nullopt;
}

class Taker {
 public:
  explicit Taker(std::vector<std::string>& notes) : notes_(notes) {}

  std::string take(const PngTextChunk& chunk) {
    auto text = unpacked(chunk, std::min(kMaxText, kMaxAll - taken_));
    if (!text) {
      notes_.push_back(fmt::format("its text '{}' is broken, or longer than {} MiB: left out",
                                   printable(plain_text(key_of(chunk))), kMaxText >> 20));
      taken_ += std::min(kMaxText, kMaxAll - taken_) / 4;  // what it may have cost
      return {};
    }
    taken_ += text->size();
    return std::move(*text);
  }
  bool is_full() const { return taken_ >= kMaxAll; }

 private:
  std::vector<std::string>& notes_;
  std::size_t taken_ = 0;
};

}  // namespace

std::string_view key_of(const PngTextChunk& chunk) {
  const std::string_view text = text_of(chunk.data);
  return text.substr(0, text.find('\0'));
}

bool fits_latin1_chunk(std::string_view latin1) {
  const bool ascii = std::ranges::all_of(latin1, [](char c) { return (c & 0x80) == 0; });
  return ascii || !is_utf8(latin1);
}

void take_png_texts(const std::vector<PngTextChunk>& chunks, ImageMetadata& metadata,
                    std::vector<std::string>& notes) {
  Taker taker(notes);
  const auto take_last = [&](std::string_view key, std::string& into) {
    const auto last = std::find_if(chunks.rbegin(), chunks.rend(),
                                   [&](const PngTextChunk& chunk) { return key_of(chunk) == key; });
    if (last != chunks.rend()) into = taker.take(*last);
  };
  take_last(kPngParametersKey, metadata.parameters);
  take_last(kPngEaselKey, metadata.easel);
  take_last(kPngXmpKey, metadata.xmp);
  std::size_t others = 0;
  for (const PngTextChunk& chunk : chunks) {
    const std::string_view key = key_of(chunk);
    if (key == kPngParametersKey || key == kPngEaselKey || key == kPngXmpKey) continue;
    if (key.empty() || key.size() > kMaxKey) continue;
    if (++others > kMaxCount || taker.is_full()) {
      notes.push_back(
          fmt::format("it holds more than {} texts or {} MiB of them: the rest is left out",
                      kMaxCount, kMaxAll >> 20));
      return;
    }
    std::string text = taker.take(chunk);
    if (!text.empty()) metadata.texts.push_back({plain_text(key), std::move(text)});
  }
}

}  // namespace easel::formats
