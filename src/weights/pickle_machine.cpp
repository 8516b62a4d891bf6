#include "weights/pickle_machine.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace easel {
namespace {

constexpr std::size_t kMaxSteps = std::size_t{64} << 20;
constexpr std::size_t kMaxValues = std::size_t{4} << 20;
constexpr std::size_t kMaxStack = std::size_t{1} << 20;
constexpr std::size_t kMaxMemo = std::size_t{1} << 20;
constexpr std::size_t kMaxString = std::size_t{64} << 10;  // longer ones are passed over
constexpr std::size_t kMaxText = std::size_t{64} << 20;    // the same, of all texts together
constexpr std::size_t kMaxLong = 16;
constexpr std::uint8_t kMaxDepth = 64;
constexpr Pickle::Handle kUnset = std::numeric_limits<Pickle::Handle>::max();

// The first values of every arena.
constexpr Pickle::Handle kNone = 0;
constexpr Pickle::Handle kTrue = 1;
constexpr Pickle::Handle kFalse = 2;
constexpr Pickle::Handle kEmptyTuple = 3;
constexpr Pickle::Handle kFloat = 4;
constexpr Pickle::Handle kBytes = 5;

}  // namespace

PickleMachine::PickleMachine(ByteStream& text, const std::string& file)
    : file_(file), text_(text), start_(text.position()) {
  add({.kind = Kind::kNone});
  add({.kind = Kind::kBool, .a = 1});
  add({.kind = Kind::kBool});
  add({.kind = Kind::kTuple});
  add({.kind = Kind::kFloat});
  add({.kind = Kind::kOpaque});
}

Pickle PickleMachine::run() {
  if (take_unsigned(1) != 0x80) broken("no protocol number, wanted protocol 2 to 5");
  const std::uint64_t protocol = take_unsigned(1);
  if (protocol < 2 || protocol > 5) broken("protocol {}, wanted 2 to 5", protocol);
  std::size_t steps = 0;
  while (step()) {
    if (++steps > kMaxSteps) broken("more than {} instructions", kMaxSteps);
  }
  if (stack_.size() != 1 || !marks_.empty()) {
    broken("it ends with {} values, wanted 1", stack_.size());
  }
  out_.root_ = stack_[0];
  return std::move(out_);
}

bool PickleMachine::step() {
  op_start_ = text_.position();
  if (frame_end_ == op_start_) frame_end_ = 0;
  const auto op = static_cast<std::uint8_t>(take_unsigned(1));
  if (op == '.') {
    if (frame_end_ != 0 && frame_end_ != text_.position()) broken("a frame goes on after the end");
    return false;
  }
  if (op == 0x95) {
    begin_frame();
  } else if (!step_constant(op) && !step_string(op) && !step_container(op) &&
             !step_stack_and_memo(op) && !step_object(op)) {
    refuse(op);
  }
  if (frame_end_ != 0 && text_.position() > frame_end_)
    broken("an instruction crosses its frame's end");
  return true;
}

void PickleMachine::begin_frame() {
  if (frame_end_ != 0) broken("a frame inside a frame");
  const std::uint64_t length = take_unsigned(8);
  if (length > text_.left()) truncated();
  frame_end_ = text_.position() + length;
}

bool PickleMachine::step_constant(std::uint8_t op) {
  switch (op) {
    case 'N':
      push(kNone);
      return true;
    case 0x88:
      push(kTrue);
      return true;
    case 0x89:
      push(kFalse);
      return true;
    case 'K':
      push(add_integer(static_cast<std::int64_t>(take_unsigned(1))));
      return true;
    case 'M':
      push(add_integer(static_cast<std::int64_t>(take_unsigned(2))));
      return true;
    case 'J':
      push(add_integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(take_unsigned(4)))));
      return true;
    case 0x8a:
      push(take_long(take_unsigned(1)));
      return true;
    case 0x8b:
      push(take_long(take_unsigned(4)));
      return true;
    case 'G':
      take(8);
      push(kFloat);
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_string(std::uint8_t op) {
  int length_bytes = 0;
  bool is_text = true;
  switch (op) {
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':   // SHORT_BINSTRING
      length_bytes = 1;
      break;
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING
      length_bytes = 4;
      break;
    case 0x8d:  // BINUNICODE8
      length_bytes = 8;
      break;
    case 'C':  // SHORT_BINBYTES
      length_bytes = 1;
      is_text = false;
      break;
    case 'B':  // BINBYTES
      length_bytes = 4;
      is_text = false;
      break;
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      length_bytes = 8;
      is_text = false;
      break;
    default:
      return false;
  }
  const std::uint64_t length = take_unsigned(length_bytes);
  if (is_text) {
    push(take_string(length));
  } else {
    pass_over(length);
    push(kBytes);
  }
  return true;
}

bool PickleMachine::step_container(std::uint8_t op) {
  switch (op) {
    case ')':
      push(kEmptyTuple);
      return true;
    case ']':
      push(add({.kind = Kind::kList}));
      return true;
    case '}':
      push(add({.kind = Kind::kDict}));
      return true;
    case 0x8f:  // EMPTY_SET
      push(add({.kind = Kind::kOpaque}));
      return true;
    case 0x85:
    case 0x86:
    case 0x87: {
      std::array<Handle, 3> items{};
      const std::size_t count = op - 0x84u;
      for (std::size_t i = count; i-- > 0;) items[i] = pop();
      push(add_tuple(std::span(items).first(count)));
      return true;
    }
    case 't':
    case 'l':
    case 'd':
    case 0x91: {  // FROZENSET
      const std::span<const Handle> items = since_mark();
      Handle made = kNone;
      if (op == 't') {
        made = add_tuple(items);
      } else if (op == 'l') {
        made = add({.kind = Kind::kList});
        append_to_list(made, items);
      } else if (op == 'd') {
        made = add({.kind = Kind::kDict});
        set_items(made, items);
      } else {
        made = add({.kind = Kind::kOpaque});
      }
      drop_to_mark();
      push(made);
      return true;
    }
    case 'a': {
      const Handle item = pop();
      append_to_list(top(), std::span(&item, 1));
      return true;
    }
    case 's': {
      std::array<Handle, 2> pair{};
      pair[1] = pop();
      pair[0] = pop();
      set_items(top(), pair);
      return true;
    }
    case 'e':
    case 'u':
    case 0x90: {  // ADDITEMS
      const std::span<const Handle> items = since_mark();
      const std::vector<Handle> kept(items.begin(), items.end());
      drop_to_mark();
      if (op == 'e') {
        append_to_list(top(), kept);
      } else if (op == 'u') {
        set_items(top(), kept);
      } else if (!is_opaque(top())) {
        broken("items added to something that is not a set");
      }
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::step_stack_and_memo(std::uint8_t op) {
  switch (op) {
    case '(':
      push_mark();
      return true;
    case '0':
      pop();
      return true;
    case '1':
      since_mark();
      drop_to_mark();
      return true;
    case '2':
      shared_ = std::max(shared_, top());
      push(top());
      return true;
    case 'q':
      remember(take_unsigned(1));
      return true;
    case 'r':
      remember(take_unsigned(4));
      return true;
    case 0x94:  // MEMOIZE
      remember(memo_.size());
      return true;
    case 'h':
      push(recall(take_unsigned(1)));
      return true;
    case 'j':
      push(recall(take_unsigned(4)));
      return true;
    default:
      return false;
  }
}

void PickleMachine::refuse(std::uint8_t op) {
  switch (op) {
    case 'i':
    case 'o':
    case 'P':
    case 0x82:
    case 0x83:
    case 0x84:
      broken("the instruction 0x{:02x}, which no checkpoint needs", op);
    case 0x80:
      broken("a second protocol number");
    default:
      broken("the instruction 0x{:02x}, which is unknown here", op);
  }
}

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
