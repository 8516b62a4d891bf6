#include "store/import.h"

#include <span>

#include "core/sha256.h"
#include "recipe/forms.h"
#include "store/ulid.h"

namespace easel {
namespace {

std::span<const std::uint8_t> span_of(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::optional<PictureRecord> brought_before(Records& records, const std::string& hash) {
  return records.read_now([&](const Transaction& all) -> std::optional<PictureRecord> {
    const auto id = all.pictures().find_drawn(hash);
    if (!id) return std::nullopt;
    return all.pictures().find(*id);
  });
}

}  // namespace

Picture read_gallery_picture(const std::string& bytes, const std::string& name) {
  return decode_picture(span_of(bytes), name);
}

PictureRecord record_of(const Picture& picture) {
  PictureRecord record;
  record.width = picture.image.width();
  record.height = picture.image.height();
  if (const auto provenance = provenance_of(picture.metadata)) record.recipe = provenance->recipe;
  Image::Size& drawn = record.recipe.size;
  if (drawn.width <= 0 || drawn.height <= 0) drawn = picture.image.size();
  Enlarging& enlarging = record.recipe.enlarging;
  if (enlarging == Enlarging{} && record.width > drawn.width) {
    enlarging.factor = (record.width + drawn.width - 1) / drawn.width;
  }
  return record;
}

Import import_picture(Records& records, const PictureFiles& files, const Brought& brought) {
  // No recipe's hash is that of a file's bytes.
  const std::string hash = "file " + sha256_hex(brought.bytes);
  if (auto before = brought_before(records, hash)) return {*std::move(before), false};
  const Picture picture = read_gallery_picture(brought.bytes, brought.name);
  PictureRecord record = record_of(picture);
  record.id = new_ulid();
  record.created = brought.created > 0 ? brought.created : now_ms();
  record.hash = hash;
  if (picture.format == ImageFormat::kPng) {
    record.bytes = files.keep(record.id, picture.image, span_of(brought.bytes));
  } else {
    record.bytes = files.save(record.id, picture.image,
                              provenance_of(picture.metadata).value_or(Provenance{}));
  }
  records.write_now([&](Transaction& all) { all.pictures().add(record); });
  return {std::move(record), true};
}

}  // namespace easel
