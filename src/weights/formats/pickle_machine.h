#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/printable.h"
#include "weights/formats/pickle.h"

namespace easel {

/// The pickle's stack machine, protocols 2 to 5, building a Pickle. One use.
class PickleMachine {
 public:
  PickleMachine(ByteStream& text, const std::string& file);
  Pickle run();

 private:
  using Handle = Pickle::Handle;
  using Kind = Pickle::Kind;
  using Value = Pickle::Value;

  // The first values of every arena.
  static constexpr Handle kNone = 0;
  static constexpr Handle kTrue = 1;
  static constexpr Handle kFalse = 2;
  static constexpr Handle kEmptyTuple = 3;
  static constexpr Handle kFloat = 4;
  static constexpr Handle kBytes = 5;
  static constexpr std::size_t kMaxString = std::size_t{64} << 10;  // longer ones are passed over

  // The importable names that mean something here.
  enum class Known : std::uint32_t {
    kForeign,
    kOrderedDict,
    kRebuildTensor,
    kRebuildParameter,
    kRebuildFromType,
    kTensorType,
    kStorageType,
  };

  bool step();  // false at STOP
  bool step_constant(std::uint8_t op);
  bool step_string(std::uint8_t op);
  bool step_container(std::uint8_t op);
  bool step_stack_and_memo(std::uint8_t op);
  bool step_object(std::uint8_t op);
  [[noreturn]] void refuse(std::uint8_t op);
  void begin_frame();
  Handle take_tuple(std::size_t count);
  void make_since_mark(std::uint8_t op);
  void add_since_mark(std::uint8_t op);

  std::span<const std::byte> take(std::size_t bytes);
  void pass_over(std::uint64_t bytes);
  [[noreturn]] void truncated() const;
  std::uint64_t take_unsigned(int bytes);
  Handle take_string(std::uint64_t length);
  Handle take_long(std::uint64_t length);
  std::string take_line();

  Handle add(const Value& value);
  Handle add_integer(std::int64_t value);
  Handle add_opaque();
  void push(Handle handle);
  Handle pop();
  Handle top();
  void push_mark();
  std::span<const Handle> since_mark();
  void drop_to_mark();
  void append(Handle container, std::span<const Handle> items);
  Handle add_tuple(std::span<const Handle> items);
  void append_to_list(Handle list, std::span<const Handle> items);
  void forget_numbers(std::span<const Handle> items);
  void set_items(Handle dict, std::span<const Handle> pairs);
  void remember(std::uint64_t slot);
  Handle recall(std::uint64_t slot);

  Handle add_global(std::string_view module, std::string_view name);
  std::uint32_t foreign_name(std::string_view module, std::string_view name);
  Handle reduce(Handle callable, Handle arguments);
  Handle make_ordered_dict(Handle arguments);
  Handle make_tensor(Handle arguments);
  Handle make_parameter(Handle arguments);
  Handle make_from_type(Handle arguments);
  Handle new_object(Handle type);
  void build(Handle target, Handle state);
  Handle persistent(Handle id);
  Handle add_storage(std::span<const Handle> fields);
  static std::optional<std::uint32_t> storage_type_named(std::string_view name);
  std::uint32_t storage_of(std::span<const Handle> fields);
  void narrow(Pickle::StorageView& view, Handle part);

  bool is(Handle handle, Kind kind) const { return out_.kind(handle) == kind; }
  bool is_opaque(Handle handle) const {
    return is(handle, Kind::kOpaque) || is(handle, Kind::kObject);
  }

  template <typename... Args>
  [[noreturn]] void broken(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kInvalidFile, "the pickle of '{}': {} at byte {}", file_,
         fmt::format(format, std::forward<Args>(args)...), op_start_ - start_);
  }

  std::string file_;
  Pickle out_;
  ByteStream& text_;
  const std::uint64_t start_;
  std::uint64_t op_start_ = 0;
  std::uint64_t frame_end_ = 0;  // 0: no frame
  Handle shared_ = 0;            // none after this one is referred to from two places
  std::vector<Handle> stack_;
  std::vector<std::size_t> marks_;
  std::vector<Handle> memo_;
  std::unordered_map<std::string, std::uint32_t> foreign_index_;
  std::unordered_map<std::string_view, std::uint32_t> storage_index_;
};

}  // namespace easel
