// The bytes of a zip archive's files, unpacked where they are packed.

#include <zlib.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "core/error.h"
#include "weights/formats/crc32.h"
#include "weights/formats/zip.h"

namespace easel {
namespace {

constexpr std::int64_t kPiece = std::int64_t{1} << 20;

using Piece = std::function<void(std::span<const std::byte>)>;

void for_each_stored_piece(const File& file, const ZipEntry& entry, const Piece& visit) {
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min(kPiece, entry.stored)));
  for (std::int64_t done = 0; done < entry.stored; done += kPiece) {
    const auto out =
        std::span(piece).first(static_cast<std::size_t>(std::min(kPiece, entry.stored - done)));
    file.read_at(entry.offset + done, out);
    visit(out);
  }
}

// Unpacks a deflated entry piece by piece, and never more than its directory says it has.
class Inflater {
 public:
  explicit Inflater(std::int64_t size) : left_(size), out_(static_cast<std::size_t>(kPiece)) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
      fail(ErrorCode::kNoMemory, "zlib has no memory");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// False when the bytes are not what deflate writes, or too many.
  bool feed(std::span<const std::byte> in, const Piece& visit) {
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    while (stream_.avail_in > 0 || stream_.avail_out == 0) {
      if (ended_) return stream_.avail_in == 0;
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t made = out_.size() - stream_.avail_out;
      left_ -= static_cast<std::int64_t>(made);
      if (left_ < 0) return false;
      visit(std::span(out_).first(made));
      ended_ = result == Z_STREAM_END;
      if (result == Z_BUF_ERROR && made == 0) return true;  // wants more
      if (result != Z_OK && !ended_) return false;
    }
    return true;
  }
  bool complete() const { return ended_ && left_ == 0; }

 private:
  z_stream stream_ = {};
  std::int64_t left_;
  bool ended_ = false;
  std::vector<std::byte> out_;
};

// The unpacked bytes of an entry in pieces, held against its length and checksum.
void read_zip_entry(const File& file, const std::string& name, const ZipEntry& entry,
                    const Piece& visit) {
  std::uint32_t crc = 0;
  const Piece checked = [&](std::span<const std::byte> piece) {
    crc = crc32(crc, piece);
    visit(piece);
  };
  if (entry.deflated) {
    Inflater inflater(entry.size);
    bool sound = true;
    for_each_stored_piece(file, entry, [&](std::span<const std::byte> piece) {
      sound = sound && inflater.feed(piece, checked);
    });
    if (!sound || !inflater.complete()) {
      fail(ErrorCode::kInvalidFile, "'{}' in '{}' does not unpack to its {} bytes", name,
           file.name(), entry.size);
    }
  } else {
    for_each_stored_piece(file, entry, checked);
  }
  if (crc != entry.crc) {
    fail(ErrorCode::kInvalidFile, "'{}' in '{}' has the checksum {:08x}, wanted {:08x}", name,
         file.name(), crc, entry.crc);
  }
}

}  // namespace

ZipContent open_zip_entry(const std::shared_ptr<const File>& archive, const std::string& name,
                          const ZipEntry& entry) {
  if (!entry.deflated) return {.file = archive, .offset = entry.offset};
  return {.file = File::unpacked(archive->name(), entry.size, [archive, name, entry] {
            std::vector<std::byte> bytes;
            bytes.reserve(static_cast<std::size_t>(entry.size));
            read_zip_entry(*archive, name, entry, [&](std::span<const std::byte> piece) {
              bytes.insert(bytes.end(), piece.begin(), piece.end());
            });
            return bytes;
          })};
}

void check_zip_entry(const File& file, const std::string& name, const ZipEntry& entry) {
  read_zip_entry(file, name, entry, [](std::span<const std::byte>) {});
}

}  // namespace easel
