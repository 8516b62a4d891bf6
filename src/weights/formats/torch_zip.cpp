#include <string>
#include <vector>

#include "core/error.h"
#include "weights/formats/formats.h"
#include "weights/formats/pickle.h"
#include "weights/formats/torch_state.h"
#include "weights/formats/zip.h"

namespace easel {
namespace {

void check_byte_order(const std::shared_ptr<const File>& file, const ZipDirectory& directory) {
  const ZipEntry* entry = directory.find("byteorder");
  if (entry == nullptr) return;
  const ZipContent content = open_zip_entry(file, "byteorder", *entry);
  const std::vector<std::byte> bytes =
      content.file->read_at(content.offset, std::min<std::int64_t>(entry->size, 16));
  const std::string order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order != "little") {
    fail(ErrorCode::kUnsupported, "'{}' was written with the byte order '{}', wanted 'little'",
         file->name(), printable(order));
  }
}

const ZipEntry& find_pickle(const File& file, const ZipDirectory& directory) {
  if (directory.find("constants.pkl") != nullptr) {
    fail(ErrorCode::kUnsupported,
         "'{}' is a TorchScript program, whose code easel never runs; wanted its state_dict: "
         "torch.save(torch.jit.load(…).state_dict(), …)",
         file.name());
  }
  const ZipEntry* entry = directory.find("data.pkl");
  if (entry == nullptr) {
    fail(ErrorCode::kUnsupported,
         "the zip archive '{}' is not a PyTorch checkpoint: no '{}data.pkl'", file.name(),
         directory.folder);
  }
  return *entry;
}

}  // namespace

Weights read_torch_zip(const std::shared_ptr<const File>& file) {
  const ZipDirectory directory = read_zip_directory(*file);
  const ZipEntry& entry = find_pickle(*file, directory);
  check_byte_order(file, directory);
  if (!entry.deflated) check_zip_entry(*file, "data.pkl", entry);
  const ZipContent content = open_zip_entry(file, "data.pkl", entry);
  ByteStream text(*content.file, content.offset, entry.size);
  const Pickle pickle = Pickle::read(text, file->name());
  if (text.left() > 0) {
    fail(ErrorCode::kInvalidFile, "the pickle of '{}' has {} bytes after its end", file->name(),
         text.left());
  }

  std::vector<ZipContent> contents;
  for (const Pickle::Storage& storage : pickle.storages()) {
    const std::string name = "data/" + std::string(storage.key);
    const ZipEntry* data = directory.find(name);
    if (data == nullptr) {
      fail(ErrorCode::kInvalidFile, "'{}' lacks the storage 'data/{}'", file->name(),
           printable(storage.key));
    }
    if (data->size != storage.elements * storage.item_bytes) {
      fail(ErrorCode::kInvalidFile, "the storage 'data/{}' of '{}' has {} bytes, wanted {}",
           printable(storage.key), file->name(), data->size, storage.elements * storage.item_bytes);
    }
    contents.push_back(open_zip_entry(file, name, *data));
  }
  std::vector<std::string> notes;
  if (directory.bytes_after > 0) {
    notes.push_back(
        fmt::format("{} bytes after the archive's end are not read", directory.bytes_after));
  }
  return gather_state({.name = file->name(), .format = WeightsFormat::kTorchZip, .notes = notes},
                      pickle, [&](std::uint32_t storage) {
                        const ZipContent& data = contents[storage];
                        return StoragePlace{.file = data.file, .offset = data.offset};
                      });
}

}  // namespace easel
