#include "weights/formats/pickle_machine.h"

#include <algorithm>
#include <array>

namespace easel {
namespace {

constexpr std::size_t kMaxSteps = std::size_t{64} << 20;

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
    case 0x85:  // TUPLE1 to TUPLE3
    case 0x86:
    case 0x87:
      push(take_tuple(op - 0x84u));
      return true;
    case 't':
    case 'l':
    case 'd':
    case 0x91:  // FROZENSET
      make_since_mark(op);
      return true;
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
    case 0x90:  // ADDITEMS
      add_since_mark(op);
      return true;
    default:
      return false;
  }
}

PickleMachine::Handle PickleMachine::take_tuple(std::size_t count) {
  std::array<Handle, 3> items{};
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  return add_tuple(std::span(items).first(count));
}

// TUPLE, LIST, DICT, FROZENSET: of all that lies above the mark.
void PickleMachine::make_since_mark(std::uint8_t op) {
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
}

// APPENDS, SETITEMS, ADDITEMS: all that lies above the mark to what lies below it.
void PickleMachine::add_since_mark(std::uint8_t op) {
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

}  // namespace easel
