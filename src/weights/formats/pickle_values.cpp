// The part of the machine that reads operands and keeps values: the arena, the stack, the memo, and
// their bounds.

#include <algorithm>
#include <limits>

#include "weights/formats/pickle_machine.h"

namespace easel {
namespace {

constexpr std::size_t kMaxValues = std::size_t{4} << 20;
constexpr std::size_t kMaxStack = std::size_t{1} << 20;
constexpr std::size_t kMaxMemo = std::size_t{1} << 20;
constexpr std::size_t kMaxText = std::size_t{64}
                                 << 20;  // longer ones are passed over, all together
constexpr std::size_t kMaxLong = 16;
constexpr std::uint8_t kMaxDepth = 64;
constexpr Pickle::Handle kUnset = std::numeric_limits<Pickle::Handle>::max();

}  // namespace

std::span<const std::byte> PickleMachine::take(std::size_t bytes) {
  const auto out = text_.peek(bytes);
  if (out.size() < bytes) truncated();
  text_.skip(bytes);
  return out;
}

void PickleMachine::pass_over(std::uint64_t bytes) {
  if (bytes > text_.left()) truncated();
  text_.skip(bytes);
}

void PickleMachine::truncated() const {
  fail(ErrorCode::kInvalidFile, "the pickle of '{}' ends inside the instruction at byte {}", file_,
       op_start_ - start_);
}

std::uint64_t PickleMachine::take_unsigned(int bytes) {
  const auto from = take(static_cast<std::size_t>(bytes));
  std::uint64_t value = 0;
  for (std::size_t i = from.size(); i-- > 0;) {
    value = (value << 8) | static_cast<std::uint64_t>(from[i]);
  }
  return value;
}

std::string PickleMachine::take_line() {
  const auto limit = text_.peek(kMaxString);
  const auto end = std::find(limit.begin(), limit.end(), std::byte{'\n'});
  if (end == limit.end()) {
    if (limit.size() == kMaxString) broken("a name longer than {} bytes", kMaxString);
    truncated();
  }
  const std::string line(reinterpret_cast<const char*>(limit.data()),
                         static_cast<std::size_t>(end - limit.begin()));
  text_.skip(line.size() + 1);
  return line;
}

PickleMachine::Handle PickleMachine::take_string(std::uint64_t length) {
  if (length > kMaxString || out_.kept_text_ + length > kMaxText) {
    pass_over(length);
    return kBytes;
  }
  return add(out_.keep_text(take(static_cast<std::size_t>(length))));
}

PickleMachine::Handle PickleMachine::take_long(std::uint64_t length) {
  if (length > kMaxLong) {
    pass_over(length);
    return kBytes;
  }
  const auto bytes = take(static_cast<std::size_t>(length));
  if (length > 8) {
    Value kept = out_.keep_text(bytes);
    kept.kind = Kind::kWideInteger;
    return add(kept);
  }
  const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = (value << 8) | static_cast<std::uint64_t>(bytes[i]);
  }
  return add_integer(static_cast<std::int64_t>(value));
}

PickleMachine::Handle PickleMachine::add(const Value& value) {
  if (out_.values_.size() == kMaxValues) broken("more than {} values", kMaxValues);
  out_.values_.push_back(value);
  return static_cast<Handle>(out_.values_.size() - 1);
}

PickleMachine::Handle PickleMachine::add_integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return add({.kind = Kind::kInteger,
              .a = static_cast<std::uint32_t>(bits),
              .b = static_cast<std::uint32_t>(bits >> 32)});
}

void PickleMachine::push(Handle handle) {
  if (stack_.size() == kMaxStack) broken("more than {} values on the stack", kMaxStack);
  stack_.push_back(handle);
}

PickleMachine::Handle PickleMachine::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) broken("the stack is empty");
  return stack_.back();
}

PickleMachine::Handle PickleMachine::pop() {
  const Handle handle = top();
  stack_.pop_back();
  return handle;
}

void PickleMachine::push_mark() {
  if (marks_.size() == kMaxDepth) broken("nested more than {} levels deep", kMaxDepth);
  marks_.push_back(stack_.size());
}

std::span<const PickleMachine::Handle> PickleMachine::since_mark() {
  if (marks_.empty()) broken("a mark is missing");
  return std::span<const Handle>(stack_).subspan(marks_.back());
}

void PickleMachine::drop_to_mark() {
  stack_.resize(marks_.back());
  marks_.pop_back();
}

void PickleMachine::append(Handle container, std::span<const Handle> items) {
  auto& links = out_.links_;
  if (items.size() > kMaxValues - links.size()) broken("more than {} items", kMaxValues);
  Value& value = out_.values_[container];
  for (const Handle item : items) {
    const std::uint8_t depth = out_.values_[item].depth;
    if (depth >= kMaxDepth) broken("nested more than {} levels deep", kMaxDepth);
    value.depth = std::max(value.depth, static_cast<std::uint8_t>(depth + 1));
    const auto link = static_cast<std::uint32_t>(links.size());
    links.push_back({.item = item, .next = 0});
    if (value.count++ == 0) {
      value.a = link;
    } else {
      links[value.b].next = link;
    }
    value.b = link;
  }
}

PickleMachine::Handle PickleMachine::add_tuple(std::span<const Handle> items) {
  if (items.empty()) return kEmptyTuple;
  const Handle tuple = add({.kind = Kind::kTuple});
  append(tuple, items);
  return tuple;
}

void PickleMachine::append_to_list(Handle list, std::span<const Handle> items) {
  if (is_opaque(list)) return;
  if (!is(list, Kind::kList)) broken("items appended to something that is not a list");
  // Of a list only pairs (of an OrderedDict), texts and containers mean anything: the numbers of a
  // long one, a curve or a sampler's order, are not kept.
  std::vector<Handle> kept;
  for (const Handle item : items) {
    const bool plain = out_.kind(item) <= Kind::kFloat || is(item, Kind::kOpaque);
    if (!plain || out_.count(list) + kept.size() < 2) kept.push_back(item);
  }
  append(list, kept);
  if (kept.empty()) forget_numbers(items);
}

// Takes numbers that nothing refers to any more from the arena's end.
void PickleMachine::forget_numbers(std::span<const Handle> items) {
  auto& values = out_.values_;
  for (std::size_t i = items.size(); i-- > 0;) {
    const Handle item = items[i];
    if (item <= kBytes) continue;
    if (item <= shared_ || item + 1 != values.size() || !is(item, Kind::kInteger)) return;
    values.pop_back();
  }
}

void PickleMachine::set_items(Handle dict, std::span<const Handle> pairs) {
  if (pairs.size() % 2 != 0) broken("a dict's key without a value");
  if (is_opaque(dict)) return;
  if (!is(dict, Kind::kDict)) broken("items set in something that is not a dict");
  append(dict, pairs);
}

void PickleMachine::remember(std::uint64_t slot) {
  if (slot >= kMaxMemo) broken("memo slot {}, at most {} are kept", slot, kMaxMemo);
  if (slot >= memo_.size()) memo_.resize(static_cast<std::size_t>(slot) + 1, kUnset);
  memo_[static_cast<std::size_t>(slot)] = top();
  shared_ = std::max(shared_, top());
}

PickleMachine::Handle PickleMachine::recall(std::uint64_t slot) {
  if (slot >= memo_.size() || memo_[static_cast<std::size_t>(slot)] == kUnset) {
    broken("memo slot {} is not set", slot);
  }
  return memo_[static_cast<std::size_t>(slot)];
}

}  // namespace easel
