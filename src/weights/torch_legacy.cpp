#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "weights/formats.h"
#include "weights/pickle.h"
#include "weights/torch_state.h"

namespace easel {
namespace {

// The number 0x1950a86a20f9469cfc6c, little-endian, that torch.save put first.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kProtocol = 1001;
constexpr std::int64_t kFirstPrefix = std::int64_t{256} << 10;
constexpr std::int64_t kMaxPickle = std::int64_t{64} << 20;

// The five pickles of a legacy file. They refer to the bytes that they were read from.
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

LegacyHead read_head(std::span<const std::byte> bytes, const std::string& file) {
  std::size_t end = 0;
  const auto next = [&] {
    Pickle pickle = Pickle::read(bytes.subspan(end), file);
    end += pickle.length();
    return pickle;
  };
  check_magic(next(), file);
  check_protocol(next(), file);
  check_system(next(), file);
  Pickle state = next();
  Pickle keys = next();
  return {std::move(state), std::move(keys), static_cast<std::int64_t>(end)};
}

// Where each storage lies: the keys' order, each storage after its number of elements.
std::vector<std::int64_t> locate_storages(const File& file, const LegacyHead& head) {
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
  if (position != file.size()) {
    fail(ErrorCode::kInvalidFile, "'{}' has {} bytes after its last storage", file.name(),
         file.size() - position);
  }
  return offsets;
}

}  // namespace

Weights read_torch_legacy(const std::shared_ptr<const File>& file) {
  // The pickles do not say how long they are, and the file may have gigabytes after them: a prefix
  // is read, and a longer one where it was too short.
  for (std::int64_t prefix = kFirstPrefix;; prefix *= 4) {
    const std::vector<std::byte> bytes = file->read_at(0, std::min(file->size(), prefix));
    std::optional<LegacyHead> head;
    try {
      head = read_head(bytes, file->name());
    } catch (const PickleTruncated&) {
      if (prefix >= file->size() || prefix > kMaxPickle) throw;
      continue;
    }
    const std::vector<std::int64_t> offsets = locate_storages(*file, *head);
    return gather_state(file, head->state, WeightsFormat::kTorchLegacy,
                        [&](std::uint32_t storage) { return offsets[storage]; });
  }
}

}  // namespace easel
