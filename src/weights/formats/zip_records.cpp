#include "weights/formats/zip_records.h"

#include <algorithm>
#include <limits>

#include "core/printable.h"

namespace easel {
namespace {

constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::size_t kMostNameBytes = 1024;
constexpr std::uint16_t kUtf8Name = 1u << 11;
constexpr std::uint16_t kAllowedFlags = kZipHasDescriptor | kUtf8Name | 0x6u;  // and deflate's two

void check_name(const std::string& name, const File& file) {
  const bool parent = name == ".." || name.starts_with("../") || name.ends_with("/..") ||
                      name.find("/../") != std::string::npos;
  if (name.empty() || name.size() > kMostNameBytes || name.front() == '/' || parent ||
      name.find('\\') != std::string::npos || !is_clean_text(name)) {
    fail_zip(file, "an entry with the name '{}'", printable(name));
  }
}

void check_readable(const ZipCentralRecord& record, const File& file) {
  check_name(record.name, file);
  if ((record.flags & ~kAllowedFlags) != 0) {
    fail(ErrorCode::kUnsupported,
         "the zip archive '{}': '{}' is encrypted or patched (flags {:#x})", file.name(),
         record.name, record.flags);
  }
  if (record.method != kZipStored && record.method != kZipDeflated) {
    fail(ErrorCode::kUnsupported,
         "the zip archive '{}': '{}' is compressed (method {}), wanted stored as torch.save does, "
         "or deflated; load it there and save it again",
         file.name(), record.name, record.method);
  }
}

}  // namespace

void refuse_split_zip(const File& file) {
  fail(ErrorCode::kUnsupported, "the zip archive '{}' is split over several files", file.name());
}

std::uint64_t ZipFields::number(std::size_t bytes) {
  std::uint64_t value = 0;
  const auto from = take(bytes);
  for (std::size_t i = bytes; i-- > 0;) {
    value = (value << 8) | std::to_integer<std::uint64_t>(from[i]);
  }
  return value;
}

std::int64_t ZipFields::i64() {
  const std::uint64_t value = number(8);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    fail(ErrorCode::kInvalidFile, "the zip archive '{}' has a size or offset of {}", file_->name(),
         value);
  }
  return static_cast<std::int64_t>(value);
}

std::span<const std::byte> ZipFields::take(std::size_t bytes) {
  if (bytes > bytes_.size()) {
    fail(ErrorCode::kInvalidFile, "the zip archive '{}' has a record that is cut short",
         file_->name());
  }
  const auto out = bytes_.first(bytes);
  bytes_ = bytes_.subspan(bytes);
  return out;
}

std::string ZipFields::text(std::size_t bytes) {
  const auto from = take(bytes);
  return {reinterpret_cast<const char*>(from.data()), from.size()};
}

ZipExtra64::ZipExtra64(std::span<const std::byte> extra, const File& file)
    : file_(file), values_({}, file) {
  ZipFields fields(extra, file);
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
    values_ = ZipFields(content, file);
  }
}

std::int64_t ZipExtra64::next() {
  if (values_.empty()) {
    fail(ErrorCode::kInvalidFile, "the zip archive '{}' lacks a ZIP64 field", file_.name());
  }
  return values_.i64();
}

std::span<const std::byte> ZipWindow::at(std::int64_t offset, std::int64_t bytes) {
  if (offset < begin_ || offset + bytes > begin_ + static_cast<std::int64_t>(buffer_.size())) {
    const std::int64_t available = file_.size() - std::min(offset, file_.size());
    buffer_ = file_.read_at(offset, std::max(bytes, std::min<std::int64_t>(kBytes, available)));
    begin_ = offset;
  }
  return std::span<const std::byte>(buffer_).subspan(static_cast<std::size_t>(offset - begin_),
                                                     static_cast<std::size_t>(bytes));
}

ZipCentralRecord read_central_record(ZipFields& fields, const File& file) {
  if (fields.u32() != kCentralSignature) fail_zip(file, "an entry of its directory is malformed");
  ZipCentralRecord record;
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
  ZipExtra64 extra(fields.take(extra_bytes), file);
  fields.take(comment_bytes);

  check_readable(record, file);
  record.size = size == kZipIn64 ? extra.next() : std::int64_t{size};
  record.stored = stored == kZipIn64 ? extra.next() : std::int64_t{stored};
  record.local_offset = offset == kZipIn64 ? extra.next() : std::int64_t{offset};
  if (disk != 0 && disk != 0xffff) refuse_split_zip(file);
  if (record.method == kZipStored && record.stored != record.size) {
    fail_zip(file, "'{}' is stored in {} bytes but has {}", record.name, record.stored,
             record.size);
  }
  return record;
}

}  // namespace easel
