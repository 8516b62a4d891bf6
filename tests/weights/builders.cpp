#include "builders.h"

#include <cstring>

#include "weights/formats/crc32.h"

namespace easel::test {

using namespace std::string_literals;
namespace {

std::uint32_t checksum(std::string_view data) {
  return crc32(0, std::as_bytes(std::span(data.data(), data.size())));
}

std::string local_header(const ZipFile& file, const ZipLayout& layout) {
  const bool later = layout.descriptors && !file.data.empty();
  const std::uint32_t size = static_cast<std::uint32_t>(file.data.size());
  const bool saturated = layout.zip64 && !later;
  std::string extra = "FB"s + little_endian(5, 2) + "ZZZZZ";
  if (saturated)
    extra += little_endian(1, 2) + little_endian(16, 2) + little_endian(size, 8) +
             little_endian(size, 8);
  std::string out = "PK\x03\x04"s + little_endian(0, 2) + little_endian(later ? 0x808 : 0x800, 2) +
                    little_endian(0, 6) + little_endian(later ? 0 : checksum(file.data), 4);
  const std::uint32_t shown = later ? 0 : saturated ? 0xffffffffu : size;
  out += little_endian(shown, 4) + little_endian(shown, 4);
  out += little_endian(file.name.size(), 2) + little_endian(extra.size(), 2);
  return out + file.name + extra;
}

std::string descriptor(const ZipFile& file, const ZipLayout& layout) {
  const int width = layout.zip64 ? 8 : 4;
  return "PK\x07\x08"s + little_endian(checksum(file.data), 4) +
         little_endian(file.data.size(), width) + little_endian(file.data.size(), width);
}

std::string central_record(const ZipFile& file, std::size_t offset, const ZipLayout& layout) {
  const bool later = layout.descriptors && !file.data.empty();
  std::string extra;
  if (layout.zip64) {
    extra = little_endian(1, 2) + little_endian(24, 2) + little_endian(file.data.size(), 8) +
            little_endian(file.data.size(), 8) + little_endian(offset, 8);
  }
  const std::uint64_t size = layout.zip64 ? 0xffffffffu : file.data.size();
  std::string out = "PK\x01\x02"s + little_endian(0, 4) + little_endian(later ? 0x808 : 0x800, 2) +
                    little_endian(0, 6) + little_endian(checksum(file.data), 4);
  out += little_endian(size, 4) + little_endian(size, 4) + little_endian(file.name.size(), 2);
  out += little_endian(extra.size(), 2) + little_endian(0, 10);
  out += little_endian(layout.zip64 ? 0xffffffffu : offset, 4);
  return out + file.name + extra;
}

}  // namespace

std::string little_endian(std::uint64_t value, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out.push_back(static_cast<char>(value & 0xffu));
    value >>= 8;
  }
  return out;
}

void put(std::string& bytes, std::size_t offset, std::uint64_t value, int count) {
  const std::string number = little_endian(value, count);
  bytes.replace(offset, number.size(), number);
}

std::string safetensors_file(std::string_view header, std::string_view data) {
  return little_endian(header.size(), 8) + std::string(header) + std::string(data);
}

namespace pickle {

std::string text(std::string_view value) {
  return "X"s + little_endian(value.size(), 4) + std::string(value);
}

std::string integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= INT32_MIN && value <= INT32_MAX) return "J"s + little_endian(bits, 4);
  return "\x8a\x08"s + little_endian(bits, 8);
}

std::string tuple(const std::vector<std::int64_t>& values) {
  std::string out = "(";
  for (const std::int64_t value : values) out += integer(value);
  return out + "t";
}

std::string global(std::string_view module, std::string_view name) {
  return "c"s + std::string(module) + "\n"s + std::string(name) + "\n";
}

std::string storage(const StorageSpec& spec) {
  return "("s + text("storage") + global("torch", spec.type) + text(spec.key) + text("cpu") +
         integer(spec.elements) + "tQ";
}

std::string tensor(const TensorSpec& spec) {
  return global("torch._utils", "_rebuild_tensor_v2") + "("s +
         (spec.storage.empty() ? storage({}) : spec.storage) + integer(spec.offset) +
         tuple(spec.sizes) + tuple(spec.strides) + "\x89"s + global("collections", "OrderedDict") +
         ")RtR";
}

std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string out = "\x80\x02}";
  for (const auto& [key, value] : items) out += text(key) + value + "s";
  return out + ".";
}

}  // namespace pickle

ZipImage zip_archive(const std::vector<ZipFile>& files, const ZipLayout& layout) {
  ZipImage image;
  for (const ZipFile& file : files) {
    image.local.push_back(image.bytes.size());
    image.bytes += local_header(file, layout);
    image.data.push_back(image.bytes.size());
    image.bytes += file.data;
    image.descriptor.push_back(image.bytes.size());
    if (layout.descriptors && !file.data.empty()) image.bytes += descriptor(file, layout);
  }
  const std::size_t directory = image.bytes.size();
  for (std::size_t i = 0; i < files.size(); ++i) {
    image.central.push_back(image.bytes.size());
    image.bytes += central_record(files[i], image.local[i], layout);
  }
  const std::size_t directory_bytes = image.bytes.size() - directory;
  image.end64 = image.bytes.size();
  image.bytes += "PK\x06\x06"s + little_endian(44, 8) + little_endian(45 << 16 | 45, 4) +
                 little_endian(0, 8) + little_endian(files.size(), 8) +
                 little_endian(files.size(), 8) + little_endian(directory_bytes, 8) +
                 little_endian(directory, 8);
  image.locator = image.bytes.size();
  image.bytes +=
      "PK\x06\x07"s + little_endian(0, 4) + little_endian(image.end64, 8) + little_endian(1, 4);
  image.end = image.bytes.size();
  const std::uint64_t count = layout.zip64 ? 0xffffu : files.size();
  image.bytes += "PK\x05\x06"s + little_endian(0, 4) + little_endian(count, 2) +
                 little_endian(count, 2) +
                 little_endian(layout.zip64 ? 0xffffffffu : directory_bytes, 4) +
                 little_endian(layout.zip64 ? 0xffffffffu : directory, 4) +
                 little_endian(layout.comment.size(), 2) + layout.comment;
  return image;
}

std::vector<ZipFile> checkpoint_files(std::string pickle) {
  return {{"m/data.pkl", std::move(pickle)}, {"m/data/0", four_floats()}, {"m/version", "3\n"}};
}

std::string zip_checkpoint(std::string pickle) {
  return zip_archive(checkpoint_files(std::move(pickle))).bytes;
}

std::string legacy_head() {
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") +
         "\x80\x02M\xe9\x03."s + pickle::dict({{"little_endian", "\x88"}});
}

std::string legacy_checkpoint(std::string state, const std::vector<LegacyStorage>& storages) {
  std::string out = legacy_head() + std::move(state) + "\x80\x02](";
  for (const LegacyStorage& storage : storages) out += pickle::text(storage.key);
  out += "e.";
  for (const LegacyStorage& storage : storages) {
    out += little_endian(static_cast<std::uint64_t>(storage.elements), 8) + storage.data;
  }
  return out;
}

std::string four_floats() {
  const float values[] = {1, 2, 3, 4};
  std::string out(sizeof(values), '\0');
  std::memcpy(out.data(), values, sizeof(values));
  return out;
}

}  // namespace easel::test
