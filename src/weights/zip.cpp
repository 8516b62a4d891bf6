#include "weights/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "weights/crc32.h"

namespace easel {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint32_t kDescriptorSignature = 0x08074b50;
constexpr std::int64_t kLocalBytes = 30;
constexpr std::int64_t kCentralBytes = 46;
constexpr std::int64_t kEndBytes = 22;
constexpr std::int64_t kEnd64Bytes = 56;
constexpr std::int64_t kLocator64Bytes = 20;
constexpr std::int64_t kMaxComment = 0xffff;
constexpr std::int64_t kMaxEntries = 0xffff;
constexpr std::int64_t kMaxDirectory = std::int64_t{32} << 20;
constexpr std::int64_t kPiece = std::int64_t{1} << 20;
constexpr std::size_t kMaxName = 1024;
constexpr std::uint16_t kHasDescriptor = 1u << 3;
constexpr std::uint16_t kUtf8Name = 1u << 11;
constexpr std::uint16_t kAllowedFlags = kHasDescriptor | kUtf8Name | 0x6u;  // and deflate's two
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::int64_t kMostGrowth = 4;  // of deflated entries; weights hardly pack at all
constexpr std::int64_t kFreeGrowth = std::int64_t{64} << 20;
constexpr std::uint32_t kIn64 = 0xffffffffu;  // "the value is in the ZIP64 field"

// Little-endian fields from a run of bytes.
class Fields {
 public:
  Fields(std::span<const std::byte> bytes, const File& file) : bytes_(bytes), file_(&file) {}

  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const auto from = take(bytes);
    for (std::size_t i = bytes; i-- > 0;)
      value = (value << 8) | std::to_integer<std::uint64_t>(from[i]);
    return value;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::int64_t i64() {
    const std::uint64_t value = number(8);
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail(ErrorCode::kInvalidFile, "the zip archive '{}' has a size or offset of {}",
           file_->name(), value);
    }
    return static_cast<std::int64_t>(value);
  }
  std::span<const std::byte> take(std::size_t bytes) {
    if (bytes > bytes_.size()) {
      fail(ErrorCode::kInvalidFile, "the zip archive '{}' has a record that is cut short",
           file_->name());
    }
    const auto out = bytes_.first(bytes);
    bytes_ = bytes_.subspan(bytes);
    return out;
  }
  std::string text(std::size_t bytes) {
    const auto from = take(bytes);
    return {reinterpret_cast<const char*>(from.data()), from.size()};
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
  const File* file_;
};

// Small positioned reads through one buffer: a local header and the descriptor before it are
// neighbours, so an archive costs about one system call an entry.
class Window {
 public:
  explicit Window(const File& file) : file_(file) {}

  std::span<const std::byte> at(std::int64_t offset, std::int64_t bytes) {
    if (offset < begin_ || offset + bytes > begin_ + static_cast<std::int64_t>(buffer_.size())) {
      const std::int64_t available = file_.size() - std::min(offset, file_.size());
      buffer_ = file_.read_at(offset, std::max(bytes, std::min<std::int64_t>(kBytes, available)));
      begin_ = offset;
    }
    return std::span<const std::byte>(buffer_).subspan(static_cast<std::size_t>(offset - begin_),
                                                       static_cast<std::size_t>(bytes));
  }

 private:
  static constexpr std::int64_t kBytes = 1024;
  const File& file_;
  std::int64_t begin_ = 0;
  std::vector<std::byte> buffer_;
};

struct DirectoryPlace {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t entries = 0;
};

struct CentralRecord {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = kStored;
  std::uint32_t crc = 0;
  std::int64_t stored = 0;
  std::int64_t size = 0;
  std::int64_t local_offset = 0;
};

// The values of the ZIP64 extra field, in the order of the record's saturated fields.
class Extra64 {
 public:
  Extra64(std::span<const std::byte> extra, const File& file) : file_(file), values_({}, file) {
    Fields fields(extra, file);
    while (!fields.empty()) {
      const std::uint16_t id = fields.u16();
      const std::uint16_t bytes = fields.u16();
      const auto content = fields.take(bytes);
      if (id != 0x0001) continue;
      if (present_) {
        fail(ErrorCode::kInvalidFile, "the zip archive '{}' has two ZIP64 fields in one record",
             file.name());
      }
      present_ = true;
      values_ = Fields(content, file);
    }
  }

  bool present() const { return present_; }

  std::int64_t next() {
    if (values_.empty()) {
      fail(ErrorCode::kInvalidFile, "the zip archive '{}' lacks a ZIP64 field", file_.name());
    }
    return values_.i64();
  }

 private:
  const File& file_;
  Fields values_;
  bool present_ = false;
};

class DirectoryReader {
 public:
  explicit DirectoryReader(const File& file) : file_(file), window_(file) {}

  ZipDirectory read() {
    const DirectoryPlace place = find_directory();
    std::vector<CentralRecord> records = read_records(place);
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.local_offset < b.local_offset; });
    ZipDirectory directory;
    directory.folder = top_folder(records);
    directory.entries.reserve(records.size());
    directory.bytes_after = bytes_after_;
    check_growth(records);
    std::int64_t end = 0;
    for (const CentralRecord& record : records) {
      if (record.local_offset < end || record.local_offset >= place.offset ||
          (end == 0 && record.local_offset != 0)) {
        broken("'{}' starts at byte {}, wanted {}", record.name, record.local_offset, end);
      }
      const ZipEntry entry = read_local(record);
      end = entry_end(record, entry);
      if (end > place.offset) broken("'{}' runs into the directory", record.name);
      if (!directory.entries.emplace(record.name, entry).second) {
        broken("'{}' is there twice", record.name);
      }
    }
    return directory;
  }

 private:
  template <typename... Args>
  [[noreturn]] void broken(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kInvalidFile, "the zip archive '{}': {}", file_.name(),
         fmt::format(format, std::forward<Args>(args)...));
  }

  // The one end record whose comment ends with the file; or, where there is none, the only end
  // record at all, after which some bytes follow that no reader of archives looks at.
  std::int64_t find_end_record() {
    const std::int64_t tail = std::min(file_.size(), kEndBytes + kMaxComment);
    const std::vector<std::byte> bytes = file_.read_at(file_.size() - tail, tail);
    std::int64_t found = -1, any = -1, signatures = 0;
    for (std::int64_t i = tail - kEndBytes; i >= 0; --i) {
      Fields fields{std::span(bytes).subspan(static_cast<std::size_t>(i)), file_};
      if (fields.u32() != kEndSignature) continue;
      ++signatures;
      fields.take(16);
      const std::int64_t after = tail - i - kEndBytes - fields.u16();
      if (after > 0) any = i;
      if (after > 0) bytes_after_ = after;
      if (after != 0) continue;
      if (found >= 0) broken("it has two ends");
      found = i;
    }
    if (found >= 0) {
      bytes_after_ = 0;
    } else if (any < 0) {
      broken("its end is missing: the file is cut short, or has something after it");
    } else if (signatures > 1) {
      broken("it has two ends");
    }
    return file_.size() - tail + (found >= 0 ? found : any);
  }

  DirectoryPlace find_directory() {
    const std::int64_t end = find_end_record();
    Fields fields(window_.at(end, kEndBytes), file_);
    fields.take(4);
    const std::uint16_t disks[] = {fields.u16(), fields.u16()};
    const std::uint16_t entries_here = fields.u16();
    const std::uint16_t entries = fields.u16();
    const std::uint32_t bytes = fields.u32();
    const std::uint32_t offset = fields.u32();
    if (disks[0] != 0 || disks[1] != 0 || entries_here != entries) refuse_split();

    DirectoryPlace place{.offset = offset, .bytes = bytes, .entries = entries};
    std::int64_t directory_end = end;
    const std::int64_t locator = end - kLocator64Bytes;
    if (locator >= 0 && Fields(window_.at(locator, 4), file_).u32() == kLocator64Signature) {
      directory_end = read_end64(locator, place);
      if ((entries != 0xffff && entries != place.entries) ||
          (bytes != kIn64 && bytes != place.bytes) || (offset != kIn64 && offset != place.offset)) {
        broken("its two ends disagree");
      }
    } else if (entries == 0xffff || bytes == kIn64 || offset == kIn64) {
      broken("its ZIP64 end is missing");
    }
    if (place.entries == 0) broken("it is empty");
    if (place.entries > kMaxEntries || place.bytes > kMaxDirectory) {
      broken("a directory of {} entries in {} bytes, more than are read", place.entries,
             place.bytes);
    }
    if (place.bytes > directory_end || place.offset != directory_end - place.bytes) {
      broken("its directory of {} bytes at {} does not end at {}", place.bytes, place.offset,
             directory_end);
    }
    return place;
  }

  [[noreturn]] void refuse_split() {
    fail(ErrorCode::kUnsupported, "the zip archive '{}' is split over several files", file_.name());
  }

  // Returns where the ZIP64 end record begins.
  std::int64_t read_end64(std::int64_t locator, DirectoryPlace& place) {
    Fields at(window_.at(locator, kLocator64Bytes), file_);
    at.take(4);
    if (at.u32() != 0) refuse_split();
    const std::int64_t offset = at.i64();
    if (at.u32() > 1) refuse_split();
    if (locator < kEnd64Bytes || offset != locator - kEnd64Bytes) {
      broken("its ZIP64 end is not at byte {}", offset);
    }
    Fields fields(window_.at(offset, kEnd64Bytes), file_);
    if (fields.u32() != kEnd64Signature || fields.i64() != kEnd64Bytes - 12) {
      broken("its ZIP64 end is malformed");
    }
    fields.take(4);
    if (fields.u32() != 0 || fields.u32() != 0) refuse_split();
    const std::int64_t entries_here = fields.i64();
    place.entries = fields.i64();
    if (entries_here != place.entries) refuse_split();
    place.bytes = fields.i64();
    place.offset = fields.i64();
    return offset;
  }

  std::vector<CentralRecord> read_records(const DirectoryPlace& place) {
    const std::vector<std::byte> bytes = file_.read_at(place.offset, place.bytes);
    if (place.bytes / kCentralBytes < place.entries) broken("its directory is cut short");
    Fields fields(bytes, file_);
    std::vector<CentralRecord> records;
    records.reserve(static_cast<std::size_t>(place.entries));
    for (std::int64_t i = 0; i < place.entries; ++i) records.push_back(read_record(fields));
    if (!fields.empty()) broken("its directory holds more than its {} entries", place.entries);
    return records;
  }

  CentralRecord read_record(Fields& fields) {
    if (fields.u32() != kCentralSignature) broken("an entry of its directory is malformed");
    CentralRecord record;
    fields.take(4);  // versions
    record.flags = fields.u16();
    record.method = fields.u16();
    fields.take(4);  // time and date
    record.crc = fields.u32();
    const std::uint32_t stored = fields.u32();
    const std::uint32_t size = fields.u32();
    const std::uint16_t name_bytes = fields.u16();
    const std::uint16_t extra_bytes = fields.u16();
    const std::uint16_t comment_bytes = fields.u16();
    const std::uint16_t disk = fields.u16();
    fields.take(6);  // attributes
    const std::uint32_t offset = fields.u32();
    record.name = fields.text(name_bytes);
    Extra64 extra(fields.take(extra_bytes), file_);
    fields.take(comment_bytes);

    check_name(record.name);
    if ((record.flags & ~kAllowedFlags) != 0) {
      fail(ErrorCode::kUnsupported,
           "the zip archive '{}': '{}' is encrypted or patched (flags {:#x})", file_.name(),
           record.name, record.flags);
    }
    if (record.method != kStored && record.method != kDeflated) {
      fail(
          ErrorCode::kUnsupported,
          "the zip archive '{}': '{}' is compressed (method {}), wanted stored as torch.save does, "
          "or deflated; load it there and save it again",
          file_.name(), record.name, record.method);
    }
    record.size = size == kIn64 ? extra.next() : std::int64_t{size};
    record.stored = stored == kIn64 ? extra.next() : std::int64_t{stored};
    record.local_offset = offset == kIn64 ? extra.next() : std::int64_t{offset};
    if (disk != 0 && disk != 0xffff) refuse_split();
    if (record.method == kStored && record.stored != record.size) {
      broken("'{}' is stored in {} bytes but has {}", record.name, record.stored, record.size);
    }
    return record;
  }

  void check_name(const std::string& name) {
    const bool parent = name == ".." || name.starts_with("../") || name.ends_with("/..") ||
                        name.find("/../") != std::string::npos;
    if (name.empty() || name.size() > kMaxName || name.front() == '/' || parent ||
        name.find('\\') != std::string::npos || !is_clean_text(name)) {
      broken("an entry with the name '{}'", printable(name));
    }
  }

  // What unpacking may take is bounded before anything is unpacked.
  void check_growth(const std::vector<CentralRecord>& records) {
    std::int64_t unpacked = 0;
    for (const CentralRecord& record : records) {
      if (record.method == kStored) continue;
      if (__builtin_add_overflow(unpacked, record.size, &unpacked) ||
          unpacked > kMostGrowth * file_.size() + kFreeGrowth) {
        broken("its deflated entries unpack to more than {} times its {} bytes", kMostGrowth,
               file_.size());
      }
    }
  }

  // Folders, and what desktops leave in an archive that they pack.
  static bool is_litter(const std::string& name) {
    return name.back() == '/' || name.starts_with("__MACOSX/") || name.ends_with(".DS_Store");
  }

  std::string top_folder(const std::vector<CentralRecord>& records) {
    std::string folder;
    for (const CentralRecord& record : records) {
      if (is_litter(record.name)) continue;
      if (folder.empty()) {
        const std::size_t slash = record.name.find('/');
        if (slash == std::string::npos) {
          fail(ErrorCode::kUnsupported,
               "the zip archive '{}' is not a PyTorch checkpoint: '{}' lies in no folder",
               file_.name(), record.name);
        }
        folder = record.name.substr(0, slash + 1);
      }
      if (!record.name.starts_with(folder)) {
        fail(ErrorCode::kUnsupported,
             "the zip archive '{}' is not a PyTorch checkpoint: '{}' lies outside the folder '{}'",
             file_.name(), record.name, folder);
      }
    }
    if (folder.empty()) broken("it holds no files");
    return folder;
  }

  // Holds the local header against the directory and returns where the bytes are.
  ZipEntry read_local(const CentralRecord& record) {
    Fields fields(window_.at(record.local_offset, kLocalBytes), file_);
    if (fields.u32() != kLocalSignature) broken("'{}' has no header where it should", record.name);
    fields.take(2);
    const std::uint16_t flags = fields.u16();
    const std::uint16_t method = fields.u16();
    fields.take(4);
    const std::uint32_t crc = fields.u32();
    const std::uint32_t stored = fields.u32();
    const std::uint32_t size = fields.u32();
    const std::uint16_t name_bytes = fields.u16();
    const std::uint16_t extra_bytes = fields.u16();
    Fields rest(window_.at(record.local_offset + kLocalBytes, name_bytes + extra_bytes), file_);
    const std::string name = rest.text(name_bytes);
    Extra64 extra(rest.take(extra_bytes), file_);
    if (flags != record.flags || method != record.method || name != record.name) {
      broken("'{}' has another header than its directory says", record.name);
    }
    const bool later = (flags & kHasDescriptor) != 0;
    check_local("checksum", record, crc, record.crc, later && crc == 0);
    check_local("size", record, size == kIn64 && extra.present() ? extra.next() : size, record.size,
                later && (size == 0 || size == kIn64));
    check_local("stored size", record, stored == kIn64 && extra.present() ? extra.next() : stored,
                record.stored, later && (stored == 0 || stored == kIn64));
    return {.offset = record.local_offset + kLocalBytes + name_bytes + extra_bytes,
            .stored = record.stored,
            .size = record.size,
            .crc = record.crc,
            .deflated = record.method == kDeflated};
  }

  void check_local(std::string_view what, const CentralRecord& record, std::int64_t seen,
                   std::int64_t wanted, bool unknown_yet) {
    if (seen == wanted || unknown_yet) return;
    broken("'{}' has the {} {} in its header, {} in the directory", record.name, what, seen,
           wanted);
  }

  // Where the entry ends, its data descriptor included; its sizes take 4 or 8 bytes each.
  std::int64_t entry_end(const CentralRecord& record, const ZipEntry& entry) {
    if (entry.stored > file_.size() - entry.offset) broken("'{}' is cut short", record.name);
    const std::int64_t end = entry.offset + entry.stored;
    if ((record.flags & kHasDescriptor) == 0) return end;
    for (const std::size_t width : {std::size_t{4}, std::size_t{8}}) {
      const auto bytes = static_cast<std::int64_t>(8 + 2 * width);
      if (bytes > file_.size() - end) break;
      Fields fields(window_.at(end, bytes), file_);
      if (fields.u32() != kDescriptorSignature || fields.u32() != record.crc) break;
      const std::uint64_t stored = fields.number(width);
      if (stored == static_cast<std::uint64_t>(record.stored) &&
          fields.number(width) == static_cast<std::uint64_t>(record.size)) {
        return end + bytes;
      }
    }
    broken("'{}' has a data descriptor that disagrees with the directory", record.name);
  }

  const File& file_;
  Window window_;
  std::int64_t bytes_after_ = 0;
};

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

const ZipEntry* ZipDirectory::find(const std::string& name) const {
  const auto it = entries.find(folder + name);
  return it == entries.end() ? nullptr : &it->second;
}

ZipDirectory read_zip_directory(const File& file) {
  if (file.size() < kEndBytes) {
    fail(ErrorCode::kInvalidFile, "the zip archive '{}' has only {} bytes", file.name(),
         file.size());
  }
  return DirectoryReader(file).read();
}

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
