// The part of the machine that meets Python's objects: names, calls, instances, persistent ids.

#include "weights/formats/pickle_machine.h"

namespace easel {
namespace {

constexpr std::size_t kMaxForeignNames = 256;

}  // namespace

bool PickleMachine::step_object(std::uint8_t op) {
  switch (op) {
    case 'c': {  // GLOBAL
      const std::string module = take_line();
      push(add_global(module, take_line()));
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const Handle name = pop();
      const Handle module = pop();
      if (!is(name, Kind::kString) || !is(module, Kind::kString)) broken("a name that is no text");
      push(add_global(out_.text(module), out_.text(name)));
      return true;
    }
    case 'R': {  // REDUCE
      const Handle arguments = pop();
      push(reduce(pop(), arguments));
      return true;
    }
    case 0x92:  // NEWOBJ_EX
      pop();
      [[fallthrough]];
    case 0x81: {  // NEWOBJ
      pop();
      push(new_object(pop()));
      return true;
    }
    case 'b': {  // BUILD
      const Handle state = pop();
      build(top(), state);
      return true;
    }
    case 'Q':  // BINPERSID
      push(persistent(pop()));
      return true;
    default:
      return false;
  }
}

PickleMachine::Handle PickleMachine::add_global(std::string_view module, std::string_view name) {
  Known known = Known::kForeign;
  std::uint32_t detail = 0;
  if (module == "collections" && name == "OrderedDict") known = Known::kOrderedDict;
  if (module == "torch._utils") {
    if (name == "_rebuild_tensor" || name == "_rebuild_tensor_v2") known = Known::kRebuildTensor;
    if (name == "_rebuild_parameter" || name == "_rebuild_parameter_with_state") {
      known = Known::kRebuildParameter;
    }
  }
  if (module == "torch._tensor" && name == "_rebuild_from_type_v2") known = Known::kRebuildFromType;
  if ((module == "torch" && name == "Tensor") ||
      (module == "torch.nn.parameter" && (name == "Parameter" || name == "Buffer"))) {
    known = Known::kTensorType;
  }
  if (module == "torch" || module == "torch.storage") {
    if (const auto type = storage_type_named(name)) {
      known = Known::kStorageType;
      detail = *type;
    }
  }
  if (known == Known::kForeign) detail = foreign_name(module, name);
  return add(
      {.kind = Kind::kGlobal, .count = static_cast<std::uint32_t>(known), .a = detail, .b = 0});
}

std::uint32_t PickleMachine::foreign_name(std::string_view module, std::string_view name) {
  std::string full = printable(module) + "." + printable(name);
  auto& names = out_.foreign_names_;
  if (const auto found = foreign_index_.find(full); found != foreign_index_.end()) {
    return found->second;
  }
  if (names.size() == kMaxForeignNames) full = "…";
  const auto [at, added] = foreign_index_.emplace(full, static_cast<std::uint32_t>(names.size()));
  if (added) names.push_back(full);
  return at->second;
}

PickleMachine::Handle PickleMachine::add_opaque() {
  ++out_.opaque_values_;
  return add({.kind = Kind::kOpaque});
}

// Calls are only ever descriptions here: of a dict, of a tensor, or of something opaque.
PickleMachine::Handle PickleMachine::reduce(Handle callable, Handle arguments) {
  if (!is(callable, Kind::kGlobal) && !is_opaque(callable)) {
    broken("a call of something that cannot be called");
  }
  if (!is(arguments, Kind::kTuple) && !is_opaque(arguments)) {
    broken("a call whose arguments are no tuple");
  }
  if (is_opaque(callable) || is_opaque(arguments)) return add_opaque();
  switch (static_cast<Known>(out_.values_[callable].count)) {
    case Known::kOrderedDict:
      return make_ordered_dict(arguments);
    case Known::kRebuildTensor:
      return make_tensor(arguments);
    case Known::kRebuildParameter:
      return make_parameter(arguments);
    case Known::kRebuildFromType:
      return make_from_type(arguments);
    case Known::kForeign: {
      const Handle made = add_opaque();
      out_.values_[made].a = out_.values_[callable].a + 1;
      return made;
    }
    case Known::kTensorType:
    case Known::kStorageType:
      break;
  }
  return add_opaque();
}

// OrderedDict(), or Python 2's OrderedDict([[key, value], …]).
PickleMachine::Handle PickleMachine::make_ordered_dict(Handle arguments) {
  if (out_.count(arguments) > 1) broken("an OrderedDict of {} arguments", out_.count(arguments));
  const Handle dict = add({.kind = Kind::kDict});
  if (out_.count(arguments) == 0) return dict;
  const Handle pairs = out_.items(arguments, 1)[0];
  if (!is(pairs, Kind::kList) && !is(pairs, Kind::kTuple)) return add_opaque();
  std::vector<Handle> flat;
  out_.for_each(pairs, [&](Handle pair) {
    const bool sequence = is(pair, Kind::kList) || is(pair, Kind::kTuple);
    if (!sequence || out_.count(pair) != 2) broken("an OrderedDict of something else than pairs");
    for (const Handle item : out_.items(pair, 2)) flat.push_back(item);
  });
  set_items(dict, flat);
  return dict;
}

// _rebuild_tensor(storage, offset, sizes, strides) and _v2(…, requires_grad, hooks[, metadata]).
// The numbers are checked when the tensor is looked at; most of a training checkpoint never is.
PickleMachine::Handle PickleMachine::make_tensor(Handle arguments) {
  const std::uint32_t count = out_.count(arguments);
  if (count < 4 || count > 7) broken("a tensor of {} arguments", count);
  const std::vector<Handle> fields = out_.items(arguments, 4);
  for (const Handle field : fields) {
    if (is_opaque(field)) return add_opaque();
  }
  if (!is(fields[0], Kind::kStorage) || !is(fields[1], Kind::kInteger) ||
      !is(fields[2], Kind::kTuple) || !is(fields[3], Kind::kTuple)) {
    broken("a tensor whose arguments are of the wrong kinds");
  }
  return add({.kind = Kind::kTensor, .a = arguments});
}

// _rebuild_parameter(tensor, requires_grad, hooks) and _rebuild_parameter_with_state(…, state),
// which PyTorch 2 writes for a Parameter with attributes of its own.
PickleMachine::Handle PickleMachine::make_parameter(Handle arguments) {
  if (out_.count(arguments) < 2 || out_.count(arguments) > 4) {
    broken("a parameter of {} arguments", out_.count(arguments));
  }
  const Handle data = out_.items(arguments, 1)[0];
  if (is_opaque(data)) return add_opaque();
  if (!is(data, Kind::kTensor)) broken("a parameter of something that is not a tensor");
  return add({.kind = Kind::kTensor, .a = out_.values_[data].a});
}

// _rebuild_from_type_v2(function, type, arguments, state): what `function(*arguments)` makes, seen
// as a subclass of Tensor or with attributes of its own.
PickleMachine::Handle PickleMachine::make_from_type(Handle arguments) {
  if (out_.count(arguments) != 4) {
    broken("a tensor's subclass of {} arguments", out_.count(arguments));
  }
  const std::vector<Handle> fields = out_.items(arguments, 3);
  if (!is(fields[0], Kind::kGlobal) || !is(fields[2], Kind::kTuple)) return add_opaque();
  switch (static_cast<Known>(out_.values_[fields[0]].count)) {
    case Known::kRebuildTensor:
      return make_tensor(fields[2]);
    case Known::kRebuildParameter:
      return make_parameter(fields[2]);
    default:
      return add_opaque();
  }
}

PickleMachine::Handle PickleMachine::new_object(Handle type) {
  if (is_opaque(type)) return add_opaque();
  if (!is(type, Kind::kGlobal)) broken("an instance of something that is no class");
  const Value value = out_.values_[type];
  if (static_cast<Known>(value.count) == Known::kOrderedDict) return add({.kind = Kind::kDict});
  if (static_cast<Known>(value.count) != Known::kForeign) return add_opaque();
  ++out_.opaque_values_;
  return add({.kind = Kind::kObject, .a = value.a});
}

void PickleMachine::build(Handle target, Handle state) {
  Value& value = out_.values_[target];
  switch (value.kind) {
    case Kind::kObject:
      value.b = state;
      return;
    case Kind::kOpaque:
    case Kind::kDict:    // an OrderedDict's attributes, as state_dict's _metadata
    case Kind::kTensor:  // a Parameter's attributes
      return;
    case Kind::kNone:
    case Kind::kBool:
    case Kind::kInteger:
    case Kind::kWideInteger:
    case Kind::kFloat:
    case Kind::kString:
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kGlobal:
    case Kind::kStorage:
      broken("state given to something that has none");
  }
}

}  // namespace easel
