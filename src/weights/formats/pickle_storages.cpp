// The part of the machine that meets torch's storages: persistent ids and what they describe.

#include <iterator>

#include "weights/formats/pickle_machine.h"

namespace easel {
namespace {

constexpr std::size_t kMaxStorages = std::size_t{1} << 18;
constexpr std::size_t kMaxStorageViews = std::size_t{1} << 20;

struct StorageType {
  std::string_view name;
  std::optional<DType> dtype;
  std::int64_t item_bytes;
};

constexpr StorageType kStorageTypes[] = {
    {"FloatStorage", DType::kF32, 4},
    {"HalfStorage", DType::kF16, 2},
    {"BFloat16Storage", DType::kBF16, 2},
    {"DoubleStorage", DType::kF64, 8},
    {"LongStorage", DType::kI64, 8},
    {"IntStorage", DType::kI32, 4},
    {"ShortStorage", DType::kI16, 2},
    {"CharStorage", DType::kI8, 1},
    {"ByteStorage", DType::kU8, 1},
    {"BoolStorage", DType::kBool, 1},
    {"ComplexFloatStorage", {}, 8},
    {"ComplexDoubleStorage", {}, 16},
    {"QInt8Storage", {}, 1},
    {"QUInt8Storage", {}, 1},
    {"QInt32Storage", {}, 4},
    {"QUInt4x2Storage", {}, 1},
    {"QUInt2x4Storage", {}, 1},
    {"UntypedStorage", {}, 1},
};

}  // namespace

std::optional<std::uint32_t> PickleMachine::storage_type_named(std::string_view name) {
  for (std::uint32_t i = 0; i < std::size(kStorageTypes); ++i) {
    if (name == kStorageTypes[i].name) return i;
  }
  return std::nullopt;
}

// ('storage', type, key, location, elements[, view]); torch writes nothing else but, long ago,
// ('module', …), the source text of a class.
PickleMachine::Handle PickleMachine::persistent(Handle id) {
  if (!is(id, Kind::kTuple) || out_.count(id) == 0) broken("a persistent id that is no tuple");
  const std::vector<Handle> fields = out_.items(id, 7);
  if (!is(fields[0], Kind::kString)) broken("a persistent id without a kind");
  if (out_.text(fields[0]) == "module") return add_opaque();
  if (out_.text(fields[0]) != "storage") {
    broken("a persistent id of the kind '{}'", printable(out_.text(fields[0])));
  }
  if (fields.size() != 5 && fields.size() != 6) {
    broken("a storage of {} fields, wanted 5 or 6", fields.size());
  }
  if (!is(fields[1], Kind::kGlobal) || !is(fields[2], Kind::kString) ||
      !is(fields[3], Kind::kString) || !is(fields[4], Kind::kInteger)) {
    broken("a storage whose fields are of the wrong kinds");
  }
  if (static_cast<Known>(out_.values_[fields[1]].count) != Known::kStorageType) {
    return add_opaque();
  }
  return add_storage(fields);
}

PickleMachine::Handle PickleMachine::add_storage(std::span<const Handle> fields) {
  const std::uint32_t storage = storage_of(fields);
  const std::int64_t elements = out_.storages_[storage].elements;
  Pickle::StorageView view{.storage = storage, .offset = 0, .elements = elements};
  if (fields.size() == 6 && !is(fields[5], Kind::kNone)) narrow(view, fields[5]);
  const auto& views = out_.storage_views_;
  if (!views.empty() && views.back().storage == view.storage &&
      views.back().offset == view.offset && views.back().elements == view.elements) {
    return add({.kind = Kind::kStorage, .a = static_cast<std::uint32_t>(views.size() - 1)});
  }
  if (views.size() == kMaxStorageViews) broken("more than {} storages", kMaxStorageViews);
  out_.storage_views_.push_back(view);
  return add({.kind = Kind::kStorage, .a = static_cast<std::uint32_t>(views.size() - 1)});
}

// The index of the storage that (kind, type, key, location, elements) describes.
std::uint32_t PickleMachine::storage_of(std::span<const Handle> fields) {
  const StorageType& type = kStorageTypes[out_.values_[fields[1]].a];
  const std::string_view key = out_.text(fields[2]);
  const std::int64_t elements = out_.integer(fields[4]);
  std::int64_t bytes = 0;
  if (elements < 0 || __builtin_mul_overflow(elements, type.item_bytes, &bytes)) {
    broken("the storage '{}' of {} elements", printable(key), elements);
  }
  const auto [at, added] =
      storage_index_.emplace(key, static_cast<std::uint32_t>(out_.storages_.size()));
  if (added) {
    if (out_.storages_.size() == kMaxStorages) broken("more than {} storages", kMaxStorages);
    out_.storages_.push_back({.key = key,
                              .type = type.name,
                              .dtype = type.dtype,
                              .item_bytes = type.item_bytes,
                              .elements = elements});
    return at->second;
  }
  const Pickle::Storage& known = out_.storages_[at->second];
  if (known.type != type.name || known.elements != elements) {
    broken("the storage '{}' is described in two ways", printable(key));
  }
  return at->second;
}

// (key, offset, elements): a part of the storage, from before tensors carried their own offset.
void PickleMachine::narrow(Pickle::StorageView& view, Handle part) {
  if (!is(part, Kind::kTuple) || out_.count(part) != 3) broken("a malformed view");
  const std::vector<Handle> fields = out_.items(part, 3);
  if (!is(fields[1], Kind::kInteger) || !is(fields[2], Kind::kInteger)) broken("a malformed view");
  const std::int64_t elements = view.elements;
  view.offset = out_.integer(fields[1]);
  view.elements = out_.integer(fields[2]);
  if (view.offset < 0 || view.elements < 0 || view.elements > elements ||
      view.offset > elements - view.elements) {
    broken("a view beyond the storage '{}'", printable(out_.storages_[view.storage].key));
  }
}

}  // namespace easel
