#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "weights/formats/formats.h"
#include "weights/formats/pickle.h"
#include "weights/formats/torch_state.h"

namespace easel {
namespace {

// The number 0x1950a86a20f9469cfc6c, little-endian, that torch.save put first.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kProtocol = 1001;

// The last two of the five pickles of a legacy file.
struct LegacyHead {
  Pickle state;
  Pickle keys;
  std::int64_t end;  ///< where the storages begin
};

bool has_text(const Pickle& pickle, Pickle::Handle handle, std::string_view text) {
  return pickle.kind(handle) == Pickle::Kind::kString && pickle.text(handle) == text;
}

void check_magic(const Pickle& pickle, const std::string& file) {
  if (pickle.kind(pickle.root()) != Pickle::Kind::kWideInteger ||
      pickle.text(pickle.root()) != kMagic) {
    fail(ErrorCode::kUnsupported,
         "'{}' is a pickle, but not one that torch.save wrote; wanted a PyTorch checkpoint", file);
  }
}

void check_protocol(const Pickle& pickle, const std::string& file) {
  if (pickle.kind(pickle.root()) != Pickle::Kind::kInteger ||
      pickle.integer(pickle.root()) != kProtocol) {
    fail(ErrorCode::kInvalidFile, "'{}' has another protocol number than torch.save's {}", file,
         kProtocol);
  }
}

void check_system(const Pickle& pickle, const std::string& file) {
  if (pickle.kind(pickle.root()) != Pickle::Kind::kDict) {
    fail(ErrorCode::kInvalidFile, "'{}' does not say which system wrote it", file);
  }
  const auto items = pickle.items(pickle.root(), 64);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (has_text(pickle, items[i], "little_endian") &&
        pickle.kind(items[i + 1]) == Pickle::Kind::kBool && !pickle.boolean(items[i + 1])) {
      fail(ErrorCode::kUnsupported, "'{}' was written on a big-endian system", file);
    }
  }
}

LegacyHead read_head(const File& file) {
  ByteStream bytes(file, 0, file.size());
  const auto next = [&] { return Pickle::read(bytes, file.name()); };
  check_magic(next(), file.name());
  check_protocol(next(), file.name());
  check_system(next(), file.name());
  Pickle state = next();
  Pickle keys = next();
  return {std::move(state), std::move(keys), static_cast<std::int64_t>(bytes.position())};
}

// Where each storage lies: the keys' order, each storage after its number of elements. `head.end`
// becomes the end of the last.
std::vector<std::int64_t> locate_storages(const File& file, LegacyHead& head) {
  const auto& storages = head.state.storages();
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < storages.size(); ++i) index.emplace(storages[i].key, i);
  if (head.keys.kind(head.keys.root()) != Pickle::Kind::kList ||
      head.keys.count(head.keys.root()) != storages.size()) {
    fail(ErrorCode::kInvalidFile, "'{}' lists other storages than its tensors have", file.name());
  }

  std::vector<std::int64_t> offsets(storages.size(), -1);
  std::int64_t position = head.end;
  head.keys.for_each(head.keys.root(), [&](Pickle::Handle handle) {
    const bool text = head.keys.kind(handle) == Pickle::Kind::kString;
    const auto found = text ? index.find(head.keys.text(handle)) : index.end();
    if (found == index.end() || offsets[found->second] >= 0) {
      fail(ErrorCode::kInvalidFile, "'{}' lists other storages than its tensors have", file.name());
    }
    const Pickle::Storage& storage = storages[found->second];
    std::int64_t elements = 0;
    file.read_at(position, std::as_writable_bytes(std::span(&elements, 1)));
    if (elements != storage.elements) {
      fail(ErrorCode::kInvalidFile, "the storage '{}' of '{}' has {} elements, its tensors say {}",
           printable(storage.key), file.name(), elements, storage.elements);
    }
    const std::int64_t bytes = elements * storage.item_bytes;
    offsets[found->second] = position + 8;
    if (bytes > file.size() - position - 8) {
      fail(ErrorCode::kInvalidFile, "the storage '{}' of '{}' is cut short", printable(storage.key),
           file.name());
    }
    position += 8 + bytes;
  });
  head.end = position;
  return offsets;
}

}  // namespace

Weights read_torch_legacy(const std::shared_ptr<const File>& file) {
  LegacyHead head = read_head(*file);
  const std::vector<std::int64_t> offsets = locate_storages(*file, head);
  std::vector<std::string> notes;
  if (head.end != file->size()) {
    notes.push_back(
        fmt::format("{} bytes after the last storage are not read", file->size() - head.end));
  }
  return gather_state({.name = file->name(), .format = WeightsFormat::kTorchLegacy, .notes = notes},
                      head.state, [&](std::uint32_t storage) {
                        return StoragePlace{.file = file, .offset = offsets[storage]};
                      });
}

}  // namespace easel
