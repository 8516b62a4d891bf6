#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "image/encodings.h"
#include "image/exif.h"
#include "image/tiff.h"

namespace easel {
namespace {

using namespace tiff;

// An entry to be written: a value of bytes, or one number.
struct NewEntry {
  std::uint16_t tag = 0;
  std::uint16_t type = kUndefined;
  std::vector<std::uint8_t> bytes = {};
  std::uint32_t number = 0;
};

NewEntry bytes_entry(std::uint16_t tag, std::uint16_t type, std::string_view mark,
                     std::string_view text) {
  NewEntry entry{.tag = tag, .type = type};
  entry.bytes.assign(mark.begin(), mark.end());
  entry.bytes.insert(entry.bytes.end(), text.begin(), text.end());
  return entry;
}

NewEntry comment_entry(std::string_view comment, bool big_endian) {
  NewEntry entry = bytes_entry(kUserComment, kUndefined, kUnicodeCode, "");
  const auto utf16 = utf16_bytes(comment, big_endian);
  entry.bytes.insert(entry.bytes.end(), utf16.begin(), utf16.end());
  return entry;
}

// ComfyUI keeps `prompt` in Model and the next text in Make, where a camera has not said what it
// is; any others go where nobody looks.
std::vector<NewEntry> text_entries(const std::vector<NamedText>& texts,
                                   std::set<std::uint32_t> taken) {
  std::vector<NewEntry> entries;
  std::uint16_t next = kFirstText;
  for (const NamedText& text : texts) {
    const bool json = text.text.starts_with('{');
    std::uint16_t tag = text.key == "prompt" ? kModel : kMake;
    if (!json || taken.contains(tag)) {
      while (taken.contains(next)) ++next;
      tag = next;
    }
    if (tag > kLastText) break;
    taken.insert(tag);
    entries.push_back(
        bytes_entry(tag, kAscii, "", fmt::format("{}:{}", text.key, text.text) + '\0'));
  }
  std::ranges::stable_sort(entries, {}, &NewEntry::tag);
  return entries;
}

// A growing block in one byte order.
class Block {
 public:
  Block(std::vector<std::uint8_t> bytes, bool big_endian)
      : bytes_(std::move(bytes)), big_endian_(big_endian) {}

  std::vector<std::uint8_t> take() { return std::move(bytes_); }
  Bytes bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

  void set(std::size_t at, std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = big_endian_ ? size - 1 - i : i;
      bytes_[at + i] = static_cast<std::uint8_t>(value >> (8 * place));
    }
  }
  void add(std::uint32_t value, std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    set(bytes_.size() - size, value, size);
  }
  void align() {
    if (bytes_.size() % 2 == 1) bytes_.push_back(0);
  }

  /// Appends a directory: entries of `old` (12 bytes each) whose tags are not among the new ones,
  /// and these, by tag; then the new values. Returns where it lies.
  std::size_t add_directory(const std::vector<std::vector<std::uint8_t>>& old,
                            const std::vector<NewEntry>& entries) {
    align();
    const std::size_t directory = size();
    std::vector<std::pair<std::uint32_t, const std::vector<std::uint8_t>*>> kept;
    for (const auto& entry : old) {
      const std::uint32_t tag = tag_of(entry);
      if (std::ranges::find(entries, tag, &NewEntry::tag) == entries.end()) {
        kept.emplace_back(tag, &entry);
      }
    }
    add(static_cast<std::uint32_t>(kept.size() + entries.size()), 2);
    std::vector<std::pair<std::size_t, const NewEntry*>> values;
    auto next = kept.begin();
    for (const NewEntry& entry : entries) {
      for (; next != kept.end() && next->first < entry.tag; ++next) append(*next->second);
      add_entry(entry, values);
    }
    for (; next != kept.end(); ++next) append(*next->second);
    add(0, 4);
    for (const auto& [at, entry] : values) {
      align();
      set(at, static_cast<std::uint32_t>(size()), 4);
      append(entry->bytes);
    }
    return directory;
  }

 private:
  std::uint32_t tag_of(const std::vector<std::uint8_t>& entry) const {
    return big_endian_ ? std::uint32_t{entry[0]} << 8 | entry[1]
                       : std::uint32_t{entry[1]} << 8 | entry[0];
  }
  void append(Bytes more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  void add_entry(const NewEntry& entry,
                 std::vector<std::pair<std::size_t, const NewEntry*>>& values) {
    add(entry.tag, 2);
    add(entry.type, 2);
    if (entry.bytes.empty()) {
      add(1, 4);
      add(entry.number, 4);
      return;
    }
    add(static_cast<std::uint32_t>(entry.bytes.size()), 4);
    if (entry.bytes.size() > 4) values.emplace_back(size(), &entry);
    add(0, 4);
    if (entry.bytes.size() <= 4) std::ranges::copy(entry.bytes, bytes_.end() - 4);
  }

  std::vector<std::uint8_t> bytes_;
  bool big_endian_;
};

using Entries = std::vector<std::vector<std::uint8_t>>;

Entries entries_of(Bytes block, std::size_t directory) {
  Entries entries;
  const Reader reader(block);
  reader.each_entry(directory, [&](const Entry& entry) {
    const auto whole = *reader.run(entry.value - 8, 12);
    entries.emplace_back(whole.begin(), whole.end());
  });
  return entries;
}

std::optional<std::uint32_t> exif_directory(Bytes block) {
  const Reader reader(block);
  std::optional<std::uint32_t> found;
  reader.each_entry(reader.first_directory().value_or(0), [&](const Entry& entry) {
    if (entry.tag == kExifIfd) found = reader.number(entry.value, 4);
  });
  return found;
}

// The block with new entries in its two directories, which are written again at its end: what the
// others point at stays where it is.
std::vector<std::uint8_t> extended(std::vector<std::uint8_t> bytes, std::vector<NewEntry> first,
                                   const std::vector<NewEntry>& exif) {
  const bool big_endian = Reader(bytes).big_endian();
  Block block(std::move(bytes), big_endian);
  if (!exif.empty()) {
    const auto old = exif_directory(block.bytes());
    const Entries entries = old ? entries_of(block.bytes(), *old) : Entries();
    const std::size_t directory = block.add_directory(entries, exif);
    first.push_back(
        {.tag = kExifIfd, .type = kLong, .number = static_cast<std::uint32_t>(directory)});
    std::ranges::stable_sort(first, {}, &NewEntry::tag);
  }
  if (first.empty()) return block.take();
  const std::uint32_t old = Reader(block.bytes()).first_directory().value_or(0);
  const Entries entries = old > 0 ? entries_of(block.bytes(), old) : Entries();
  const std::size_t directory = block.add_directory(entries, first);
  block.set(4, static_cast<std::uint32_t>(directory), 4);
  return block.take();
}

// What a block does not say yet.
struct Missing {
  std::vector<NewEntry> first;
  std::vector<NewEntry> exif;
};

Missing missing_in(Bytes block, const ImageMetadata& metadata) {
  const Exif said = read_exif(block);
  const bool big_endian = Reader(block).big_endian();
  Missing missing;
  if (!metadata.easel.empty() && metadata.easel != said.easel) {
    missing.exif.push_back(bytes_entry(kMakerNote, kUndefined, kMaker, metadata.easel));
  }
  if (!metadata.parameters.empty() && metadata.parameters != said.user_comment) {
    missing.exif.push_back(comment_entry(metadata.parameters, big_endian));
  }
  std::vector<NamedText> texts;
  for (const NamedText& text : metadata.texts) {
    if (std::ranges::find(said.texts, text) == said.texts.end()) texts.push_back(text);
  }
  std::set<std::uint32_t> taken;
  const Reader reader(block);
  reader.each_entry(reader.first_directory().value_or(0),
                    [&](const Entry& entry) { taken.insert(entry.tag); });
  missing.first = text_entries(texts, std::move(taken));
  return missing;
}

}  // namespace

std::vector<std::uint8_t> write_exif(const Exif& exif) {
  const std::vector<NewEntry> texts = text_entries(exif.texts, {});
  if (exif.user_comment.empty() && exif.easel.empty() && texts.empty()) return {};
  const auto comment = utf16_bytes(exif.user_comment, true);
  const std::size_t comment_size =
      exif.user_comment.empty() ? 0 : kUnicodeCode.size() + comment.size();
  const std::size_t maker_size = exif.easel.empty() ? 0 : kMaker.size() + exif.easel.size();
  const unsigned entries = (comment_size > 0 ? 1 : 0) + (maker_size > 0 ? 1 : 0);
  constexpr std::size_t kExifAt = 8 + 2 + 12 + 4;
  const std::size_t maker_at = kExifAt + 2 + std::size_t{12} * entries + 4;
  const std::size_t comment_at = maker_at + maker_size + maker_size % 2;

  // Big-endian, text too: so that readers agree who take UTF-16 in the file's order, and those who
  // always take it big-endian.
  Block out({'M', 'M', 0, 42, 0, 0, 0, 8}, true);
  const auto text = [&](std::string_view value) {
    for (const char c : value) out.add(static_cast<unsigned char>(c), 1);
  };
  const auto entry = [&](std::uint16_t tag, std::uint16_t type, std::size_t count,
                         std::size_t value) {
    out.add(tag, 2);
    out.add(type, 2);
    out.add(static_cast<std::uint32_t>(count), 4);
    out.add(static_cast<std::uint32_t>(value), 4);
  };
  out.add(1, 2);  // the first directory: where the Exif directory is
  entry(kExifIfd, kLong, 1, kExifAt);
  out.add(0, 4);
  out.add(entries, 2);
  if (maker_size > 0) entry(kMakerNote, kUndefined, maker_size, maker_at);
  if (comment_size > 0) entry(kUserComment, kUndefined, comment_size, comment_at);
  out.add(0, 4);
  if (maker_size > 0) {
    text(kMaker);
    text(exif.easel);
    out.align();
  }
  if (comment_size > 0) {
    text(kUnicodeCode);
    text(tiff::text_of(comment));
  }
  return extended(out.take(), texts, {});
}

std::vector<std::uint8_t> kept_exif(std::span<const std::uint8_t> block, Image::Size size) {
  const Reader reader(block);
  const auto first = reader.first_directory();
  if (!first) return {};
  Block out({block.begin(), block.end()}, reader.big_endian());
  const auto set = [&](const Entry& entry, int value) {
    if (!reader.integer_of(entry)) return;
    out.set(entry.value, static_cast<std::uint32_t>(value), Reader::size_of(entry.type));
  };
  const auto mend = [&](const Entry& entry) {
    if (entry.tag == kOrientation) set(entry, 1);
    if (entry.tag == kImageWidth || entry.tag == kPixelWidth) set(entry, size.width);
    if (entry.tag == kImageLength || entry.tag == kPixelHeight) set(entry, size.height);
  };
  reader.each_entry(*first, mend);
  if (const auto exif = exif_directory(block)) reader.each_entry(*exif, mend);
  // The thumbnail's directory is the next one: it shows the picture as it was.
  const std::size_t next = *first + 2 + std::size_t{12} * reader.number(*first, 2).value_or(0);
  if (reader.run(next, 4)) out.set(next, 0, 4);
  return out.take();
}

std::vector<std::uint8_t> exif_for(const ImageMetadata& metadata, Image::Size size) {
  const auto kept = kept_exif(metadata.exif, size);
  if (kept.empty()) {
    return write_exif(
        {.user_comment = metadata.parameters, .easel = metadata.easel, .texts = metadata.texts});
  }
  Missing missing = missing_in(kept, metadata);
  return extended(kept, std::move(missing.first), missing.exif);
}

}  // namespace easel
