#include <string>
#include <vector>

#include "core/error.h"
#include "weights/formats.h"
#include "weights/pickle.h"
#include "weights/torch_state.h"
#include "weights/zip.h"

namespace easel {
namespace {

constexpr std::int64_t kMaxPickle = std::int64_t{64} << 20;

void check_byte_order(const File& file, const ZipDirectory& directory) {
  const ZipEntry* entry = directory.find("byteorder");
  if (entry == nullptr) return;
  const std::vector<std::byte> bytes =
      file.read_at(entry->offset, std::min<std::int64_t>(entry->size, 16));
  const std::string order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order != "little") {
    fail(ErrorCode::kUnsupported, "'{}' was written with the byte order '{}', wanted 'little'",
         file.name(), printable(order));
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
  if (entry->size > kMaxPickle) {
    fail(ErrorCode::kInvalidFile, "the pickle of '{}' has {} bytes, at most {} are read",
         file.name(), entry->size, kMaxPickle);
  }
  return *entry;
}

}  // namespace

Weights read_torch_zip(const std::shared_ptr<const File>& file) {
  const ZipDirectory directory = read_zip_directory(*file);
  const ZipEntry& entry = find_pickle(*file, directory);
  check_byte_order(*file, directory);
  check_zip_entry(*file, "data.pkl", entry);
  const std::vector<std::byte> text = file->read_at(entry.offset, entry.size);
  const Pickle pickle = Pickle::read(text, file->name());
  if (pickle.length() != text.size()) {
    fail(ErrorCode::kInvalidFile, "the pickle of '{}' has {} bytes after its end", file->name(),
         text.size() - pickle.length());
  }

  std::vector<std::int64_t> offsets;
  for (const Pickle::Storage& storage : pickle.storages()) {
    const ZipEntry* data = directory.find("data/" + std::string(storage.key));
    if (data == nullptr) {
      fail(ErrorCode::kInvalidFile, "'{}' lacks the storage 'data/{}'", file->name(),
           printable(storage.key));
    }
    if (data->size != storage.elements * storage.item_bytes) {
      fail(ErrorCode::kInvalidFile, "the storage 'data/{}' of '{}' has {} bytes, wanted {}",
           printable(storage.key), file->name(), data->size, storage.elements * storage.item_bytes);
    }
    offsets.push_back(data->offset);
  }
  return gather_state(file, pickle, WeightsFormat::kTorchZip,
                      [&](std::uint32_t storage) { return offsets[storage]; });
}

}  // namespace easel
