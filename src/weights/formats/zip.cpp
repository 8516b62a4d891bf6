#include "weights/formats/zip.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "weights/formats/zip_records.h"

namespace easel {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint32_t kDescriptorSignature = 0x08074b50;
constexpr std::int64_t kLocalBytes = 30;
constexpr std::int64_t kEndBytes = 22;
constexpr std::int64_t kEnd64Bytes = 56;
constexpr std::int64_t kLocator64Bytes = 20;
constexpr std::int64_t kMaxComment = 0xffff;
constexpr std::int64_t kMaxEntries = 0xffff;
constexpr std::int64_t kMaxDirectory = std::int64_t{32} << 20;
constexpr std::int64_t kMostGrowth = 4;  // of deflated entries; weights hardly pack at all
constexpr std::int64_t kFreeGrowth = std::int64_t{64} << 20;

struct DirectoryPlace {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t entries = 0;
};

class DirectoryReader {
 public:
  explicit DirectoryReader(const File& file) : file_(file), window_(file) {}

  ZipDirectory read() {
    const DirectoryPlace place = find_directory();
    std::vector<ZipCentralRecord> records = read_records(place);
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.local_offset < b.local_offset; });
    ZipDirectory directory;
    directory.folder = top_folder(records);
    directory.entries.reserve(records.size());
    directory.bytes_after = bytes_after_;
    check_growth(records);
    std::int64_t end = 0;
    for (const ZipCentralRecord& record : records) {
      if (record.local_offset < end || record.local_offset >= place.offset ||
          (end == 0 && record.local_offset != 0)) {
        fail_zip(file_, "'{}' starts at byte {}, wanted {}", record.name, record.local_offset, end);
      }
      const ZipEntry entry = read_local(record);
      end = entry_end(record, entry);
      if (end > place.offset) fail_zip(file_, "'{}' runs into the directory", record.name);
      if (!directory.entries.emplace(record.name, entry).second) {
        fail_zip(file_, "'{}' is there twice", record.name);
      }
    }
    return directory;
  }

 private:
  // The one end record whose comment ends with the file; or, where there is none, the only end
  // record at all, after which some bytes follow that no reader of archives looks at.
  std::int64_t find_end_record() {
    const std::int64_t tail = std::min(file_.size(), kEndBytes + kMaxComment);
    const std::vector<std::byte> bytes = file_.read_at(file_.size() - tail, tail);
    std::int64_t found = -1, any = -1, signatures = 0;
    for (std::int64_t i = tail - kEndBytes; i >= 0; --i) {
      ZipFields fields{std::span(bytes).subspan(static_cast<std::size_t>(i)), file_};
      if (fields.u32() != kEndSignature) continue;
      ++signatures;
      fields.take(16);
      const std::int64_t after = tail - i - kEndBytes - fields.u16();
      if (after > 0) any = i;
      if (after > 0) bytes_after_ = after;
      if (after != 0) continue;
      if (found >= 0) fail_zip(file_, "it has two ends");
      found = i;
    }
    if (found >= 0) {
      bytes_after_ = 0;
    } else if (any < 0) {
      fail_zip(file_, "its end is missing: the file is cut short, or has something after it");
    } else if (signatures > 1) {
      fail_zip(file_, "it has two ends");
    }
    return file_.size() - tail + (found >= 0 ? found : any);
  }

  DirectoryPlace find_directory() {
    const std::int64_t end = find_end_record();
    ZipFields fields(window_.at(end, kEndBytes), file_);
    fields.take(4);
    const std::uint16_t disks[] = {fields.u16(), fields.u16()};
    const std::uint16_t entries_here = fields.u16();
    const std::uint16_t entries = fields.u16();
    const std::uint32_t bytes = fields.u32();
    const std::uint32_t offset = fields.u32();
    if (disks[0] != 0 || disks[1] != 0 || entries_here != entries) refuse_split_zip(file_);

    DirectoryPlace place{.offset = offset, .bytes = bytes, .entries = entries};
    std::int64_t directory_end = end;
    const std::int64_t locator = end - kLocator64Bytes;
    if (locator >= 0 && ZipFields(window_.at(locator, 4), file_).u32() == kLocator64Signature) {
      directory_end = read_end64(locator, place);
      if ((entries != 0xffff && entries != place.entries) ||
          (bytes != kZipIn64 && bytes != place.bytes) ||
          (offset != kZipIn64 && offset != place.offset)) {
        fail_zip(file_, "its two ends disagree");
      }
    } else if (entries == 0xffff || bytes == kZipIn64 || offset == kZipIn64) {
      fail_zip(file_, "its ZIP64 end is missing");
    }
    if (place.entries == 0) fail_zip(file_, "it is empty");
    if (place.entries > kMaxEntries || place.bytes > kMaxDirectory) {
      fail_zip(file_, "a directory of {} entries in {} bytes, more than are read", place.entries,
               place.bytes);
    }
    if (place.bytes > directory_end || place.offset != directory_end - place.bytes) {
      fail_zip(file_, "its directory of {} bytes at {} does not end at {}", place.bytes,
               place.offset, directory_end);
    }
    return place;
  }

  // Returns where the ZIP64 end record begins.
  std::int64_t read_end64(std::int64_t locator, DirectoryPlace& place) {
    ZipFields at(window_.at(locator, kLocator64Bytes), file_);
    at.take(4);
    if (at.u32() != 0) refuse_split_zip(file_);
    const std::int64_t offset = at.i64();
    if (at.u32() > 1) refuse_split_zip(file_);
    if (locator < kEnd64Bytes || offset != locator - kEnd64Bytes) {
      fail_zip(file_, "its ZIP64 end is not at byte {}", offset);
    }
    ZipFields fields(window_.at(offset, kEnd64Bytes), file_);
    if (fields.u32() != kEnd64Signature || fields.i64() != kEnd64Bytes - 12) {
      fail_zip(file_, "its ZIP64 end is malformed");
    }
    fields.take(4);
    if (fields.u32() != 0 || fields.u32() != 0) refuse_split_zip(file_);
    const std::int64_t entries_here = fields.i64();
    place.entries = fields.i64();
    if (entries_here != place.entries) refuse_split_zip(file_);
    place.bytes = fields.i64();
    place.offset = fields.i64();
    return offset;
  }

  std::vector<ZipCentralRecord> read_records(const DirectoryPlace& place) {
    const std::vector<std::byte> bytes = file_.read_at(place.offset, place.bytes);
    if (place.bytes / ZipCentralRecord::kLeastBytes < place.entries)
      fail_zip(file_, "its directory is cut short");
    ZipFields fields(bytes, file_);
    std::vector<ZipCentralRecord> records;
    records.reserve(static_cast<std::size_t>(place.entries));
    for (std::int64_t i = 0; i < place.entries; ++i)
      records.push_back(read_central_record(fields, file_));
    if (!fields.empty())
      fail_zip(file_, "its directory holds more than its {} entries", place.entries);
    return records;
  }

  // What unpacking may take is bounded before anything is unpacked.
  void check_growth(const std::vector<ZipCentralRecord>& records) {
    std::int64_t unpacked = 0;
    for (const ZipCentralRecord& record : records) {
      if (record.method == kZipStored) continue;
      if (__builtin_add_overflow(unpacked, record.size, &unpacked) ||
          unpacked > kMostGrowth * file_.size() + kFreeGrowth) {
        fail_zip(file_, "its deflated entries unpack to more than {} times its {} bytes",
                 kMostGrowth, file_.size());
      }
    }
  }

  // Folders, and what desktops leave in an archive that they pack.
  static bool is_litter(const std::string& name) {
    return name.back() == '/' || name.starts_with("__MACOSX/") || name.ends_with(".DS_Store");
  }

  std::string top_folder(const std::vector<ZipCentralRecord>& records) {
    std::string folder;
    for (const ZipCentralRecord& record : records) {
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
    if (folder.empty()) fail_zip(file_, "it holds no files");
    return folder;
  }

  // Holds the local header against the directory and returns where the bytes are.
  ZipEntry read_local(const ZipCentralRecord& record) {
    ZipFields fields(window_.at(record.local_offset, kLocalBytes), file_);
    if (fields.u32() != kLocalSignature)
      fail_zip(file_, "'{}' has no header where it should", record.name);
    fields.take(2);
    const std::uint16_t flags = fields.u16();
    const std::uint16_t method = fields.u16();
    fields.take(4);
    const std::uint32_t crc = fields.u32();
    const std::uint32_t stored = fields.u32();
    const std::uint32_t size = fields.u32();
    const std::uint16_t name_bytes = fields.u16();
    const std::uint16_t extra_bytes = fields.u16();
    ZipFields rest(window_.at(record.local_offset + kLocalBytes, name_bytes + extra_bytes), file_);
    const std::string name = rest.text(name_bytes);
    ZipExtra64 extra(rest.take(extra_bytes), file_);
    if (flags != record.flags || method != record.method || name != record.name) {
      fail_zip(file_, "'{}' has another header than its directory says", record.name);
    }
    const bool later = (flags & kZipHasDescriptor) != 0;
    check_local("checksum", record, crc, record.crc, later && crc == 0);
    check_local("size", record, size == kZipIn64 && extra.present() ? extra.next() : size,
                record.size, later && (size == 0 || size == kZipIn64));
    check_local("stored size", record,
                stored == kZipIn64 && extra.present() ? extra.next() : stored, record.stored,
                later && (stored == 0 || stored == kZipIn64));
    return {.offset = record.local_offset + kLocalBytes + name_bytes + extra_bytes,
            .stored = record.stored,
            .size = record.size,
            .crc = record.crc,
            .deflated = record.method == kZipDeflated};
  }

  void check_local(std::string_view what, const ZipCentralRecord& record, std::int64_t seen,
                   std::int64_t wanted, bool unknown_yet) {
    if (seen == wanted || unknown_yet) return;
    fail_zip(file_, "'{}' has the {} {} in its header, {} in the directory", record.name, what,
             seen, wanted);
  }

  // Where the entry ends, its data descriptor included; its sizes take 4 or 8 bytes each.
  std::int64_t entry_end(const ZipCentralRecord& record, const ZipEntry& entry) {
    if (entry.stored > file_.size() - entry.offset)
      fail_zip(file_, "'{}' is cut short", record.name);
    const std::int64_t end = entry.offset + entry.stored;
    if ((record.flags & kZipHasDescriptor) == 0) return end;
    for (const std::size_t width : {std::size_t{4}, std::size_t{8}}) {
      const auto bytes = static_cast<std::int64_t>(8 + 2 * width);
      if (bytes > file_.size() - end) break;
      ZipFields fields(window_.at(end, bytes), file_);
      if (fields.u32() != kDescriptorSignature || fields.u32() != record.crc) break;
      const std::uint64_t stored = fields.number(width);
      if (stored == static_cast<std::uint64_t>(record.stored) &&
          fields.number(width) == static_cast<std::uint64_t>(record.size)) {
        return end + bytes;
      }
    }
    fail_zip(file_, "'{}' has a data descriptor that disagrees with the directory", record.name);
  }

  const File& file_;
  ZipWindow window_;
  std::int64_t bytes_after_ = 0;
};

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

}  // namespace easel
