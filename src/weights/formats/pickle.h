#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.h"
#include "weights/formats/byte_stream.h"

namespace easel {

/// One pickle, read as data. A pickle is a program that Python runs; here its instructions only
/// describe values, and nothing it names is ever looked up, imported or called: what is not a plain
/// value, a dict, a list, a tuple or a torch tensor becomes an opaque value.
///
/// Bounds (a hostile file meets them as kInvalidFile) count what is kept: 64 M instructions, 4 M
/// values, 1 M on the stack, 1 M memo slots, 64 levels. What no tensor needs is passed over at any
/// size without being kept: bytes (numpy's arrays), texts longer than 64 KiB or beyond 64 MiB in
/// all, integers wider than 16 bytes, numbers in lists. Values are handles into an arena, so
/// copying one is free and a self-containing list is harmless.
class Pickle {
 public:
  using Handle = std::uint32_t;
  enum class Kind : std::uint8_t {
    kNone,
    kBool,
    kInteger,
    kWideInteger,  ///< beyond int64: its little-endian bytes are kept
    kFloat,        ///< the value is not kept
    kString,
    kTuple,
    kList,
    kDict,    ///< dict and OrderedDict
    kGlobal,  ///< a name of something importable
    kStorage,
    kTensor,  ///< _rebuild_tensor(_v2), also inside a Parameter or a subclass of Tensor
    kObject,  ///< an instance of an unknown class; its state is kept as data
    kOpaque,  ///< anything else
  };

  /// A block of numbers that lies outside the pickle.
  struct Storage {
    std::string_view key;
    std::string_view type;       ///< "FloatStorage"
    std::optional<DType> dtype;  ///< absent for types that Easel does not read
    std::int64_t item_bytes;
    std::int64_t elements;
  };
  /// What a tensor is made of: a part of a storage.
  struct StorageView {
    std::uint32_t storage;  ///< index into storages()
    std::int64_t offset;    ///< in elements
    std::int64_t elements;
  };

  /// Reads the pickle that `text` begins with and leaves the stream behind it. `file` is for
  /// messages. Throws kInvalidFile, kUnsupported, kIo.
  static Pickle read(ByteStream& text, const std::string& file);

  Handle root() const { return root_; }
  const std::vector<Storage>& storages() const { return storages_; }
  std::int64_t opaque_values() const { return opaque_values_; }
  /// Names of everything importable that is not torch data, distinct, in order of appearance.
  const std::vector<std::string>& foreign_names() const { return foreign_names_; }

  Kind kind(Handle handle) const { return values_[handle].kind; }
  bool boolean(Handle handle) const { return values_[handle].a != 0; }
  std::int64_t integer(Handle handle) const;         ///< REQUIRES: kInteger
  std::string_view text(Handle handle) const;        ///< REQUIRES: kString or kWideInteger
  std::string_view type_name(Handle handle) const;   ///< REQUIRES: kObject; "module.Class"
  std::optional<Handle> state(Handle handle) const;  ///< REQUIRES: kObject
  /// REQUIRES: kOpaque. What would have made it, "torch._utils._rebuild_qtensor"; or "".
  std::string_view maker(Handle handle) const;
  /// REQUIRES: kTensor. The tuple (storage, offset, sizes, strides, …).
  Handle tensor_arguments(Handle handle) const { return values_[handle].a; }
  const StorageView& storage_view(Handle handle) const;  ///< REQUIRES: kStorage

  /// Items of all containers together.
  std::int64_t total_items() const { return static_cast<std::int64_t>(links_.size()); }
  std::uint32_t count(Handle handle) const { return values_[handle].count; }
  /// The items of a tuple or list; a dict's keys and values in turn.
  template <typename Visit>
  void for_each(Handle handle, Visit visit) const {
    std::uint32_t link = values_[handle].count == 0 ? 0 : values_[handle].a;
    for (std::uint32_t i = 0; i < values_[handle].count; ++i) {
      visit(links_[link].item);
      link = links_[link].next;
    }
  }
  /// The first `limit` items.
  std::vector<Handle> items(Handle handle, std::size_t limit) const;

 private:
  friend class PickleMachine;

  struct Value {
    Kind kind = Kind::kNone;
    std::uint8_t depth = 0;
    std::uint32_t count = 0;  // items; a string's length
    std::uint32_t a = 0;      // first link; a string's place; low half of an integer
    std::uint32_t b = 0;      // last link; high half of an integer; an object's state
  };
  struct Link {
    Handle item;
    std::uint32_t next;
  };

  // Kept texts lie in chunks that never move. None crosses two of them.
  static constexpr std::uint32_t kChunkBits = 18;
  Value keep_text(std::span<const std::byte> bytes);

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t kept_text_ = 0;  // bytes of all chunks that are taken
  Handle root_ = 0;
  std::vector<Value> values_;
  std::vector<Link> links_;
  std::vector<Storage> storages_;
  std::vector<StorageView> storage_views_;
  std::vector<std::string> foreign_names_;
  std::int64_t opaque_values_ = 0;
};

}  // namespace easel
