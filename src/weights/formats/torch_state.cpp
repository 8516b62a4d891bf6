#include "weights/formats/torch_state.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "weights/formats/stored_tensor.h"
#include "weights/formats/torch_dicts.h"

namespace easel {
namespace {

using Handle = Pickle::Handle;
using Kind = Pickle::Kind;

// What torch._utils has for tensors that are no plain blocks of numbers.
struct OtherTensor {
  std::string_view kind;
  std::string_view word;
};
constexpr std::string_view kTensorMaker = "torch._utils._rebuild_";
constexpr OtherTensor kOtherTensors[] = {{"quantized", "qtensor"},
                                         {"sparse", "sparse"},
                                         {"without values", "meta"},
                                         {"nested", "nested"},
                                         {"of a wrapper", "wrapper_subclass"}};
// An expanded tensor (stride 0) has more elements than its storage; this many more at most, so that
// no small file claims gigabytes.
constexpr std::int64_t kMaxExpansion = 65536;

class StateGatherer {
 public:
  StateGatherer(Checkpoint checkpoint, const Pickle& pickle, const LocateStorage& locate)
      : checkpoint_(std::move(checkpoint)),
        pickle_(pickle),
        locate_(locate),
        dicts_(pickle, checkpoint_.name),
        notes_(std::move(checkpoint_.notes)) {}

  Weights gather() {
    const Handle state = find_state(dicts_, notes_);
    switch (pickle_.kind(state)) {
      case Kind::kDict:
        visit_dict("", state, 0);
        break;
      case Kind::kTensor:
        add_tensor("tensor", state);
        break;
      case Kind::kObject:
        gather_module(state);
        break;
      default:
        fail(ErrorCode::kUnsupported, "'{}' holds {}, wanted a dict of tensors", checkpoint_.name,
             describe(state));
    }
    if (entries_.empty()) {
      fail(ErrorCode::kUnsupported, "'{}' holds no tensors by name{}", checkpoint_.name,
           holds_arrays(state) ? ", only NumPy's arrays: torch.save() of tensors is wanted" : "");
    }
    return finish();
  }

 private:
  bool holds_arrays(Handle state) const {
    bool found = false;
    if (pickle_.kind(state) != Kind::kDict) return false;
    pickle_.for_each(state, [&](Handle item) {
      found |= pickle_.kind(item) == Kind::kOpaque && pickle_.maker(item).starts_with("numpy");
    });
    return found;
  }

  // A state dict's tensor of a kind that is not read would be missing without a word.
  void refuse_other_tensor(const std::string& name, Handle value) {
    if (pickle_.kind(value) != Kind::kOpaque) return;
    const std::string_view maker = pickle_.maker(value);
    for (const auto& [kind, word] : kOtherTensors) {
      if (!maker.starts_with(kTensorMaker) || maker.find(word) == std::string_view::npos) continue;
      fail(ErrorCode::kUnsupported,
           "the tensor '{}' of '{}' is {}, which Easel does not read; wanted a dense one of floats",
           printable(name), checkpoint_.name, kind);
    }
  }

  void visit_dict(const std::string& prefix, Handle handle, int depth) {
    if (depth > kMaxDictNesting) {
      fail(ErrorCode::kInvalidFile, "'{}' nests its dicts more than {} levels deep",
           checkpoint_.name, kMaxDictNesting);
    }
    const TorchDicts::Dict dict = dicts_.dict_of(handle);
    const bool is_state = dicts_.is_state_dict(dict);
    for (const auto& [key, value] : dict) {
      if (is_state) refuse_other_tensor(prefix + std::string(key), value);
      if (pickle_.kind(value) == Kind::kTensor) {
        add_tensor(prefix + std::string(key), value);
      } else if (pickle_.kind(value) == Kind::kDict) {
        visit_dict(prefix + std::string(key) + ".", value, depth + 1);
      }
    }
  }

  // torch.nn.Module keeps its tensors in three dicts of its state.
  void gather_module(Handle module) {
    visit_module("", module, 0);
    const std::string name(pickle_.type_name(module));
    if (entries_.empty()) {
      fail(ErrorCode::kUnsupported,
           "'{}' holds a Python object ({}), whose code easel never runs; wanted its state_dict: "
           "torch.save(model.state_dict(), …)",
           checkpoint_.name, name);
    }
    notes_.push_back(fmt::format("a whole pickled module ({}): only its tensors are read", name));
  }

  void visit_module(const std::string& prefix, Handle module, int depth) {
    dicts_.count_visits(1);
    const auto state = pickle_.state(module);
    if (!state || pickle_.kind(*state) != Kind::kDict || depth > kMaxDictNesting) return;
    const TorchDicts::Dict fields = dicts_.dict_of(*state);
    for (const std::string_view group : kTorchModuleGroups) {
      const auto it = fields.find(group);
      if (it == fields.end() || pickle_.kind(it->second) != Kind::kDict) continue;
      for (const auto& [key, value] : dicts_.dict_of(it->second)) {
        const std::string name = prefix + std::string(key);
        if (group == "_modules" && pickle_.kind(value) == Kind::kObject) {
          visit_module(name + ".", value, depth + 1);
        } else if (group != "_modules" && pickle_.kind(value) == Kind::kTensor) {
          add_tensor(name, value);
        }
      }
    }
  }

  void add_tensor(const std::string& name, Handle handle) {
    if (!is_clean_text(name) || name.size() > std::size_t{64} << 10) {
      fail(ErrorCode::kInvalidFile, "'{}' holds a tensor with the name '{}'", checkpoint_.name,
           printable(name));
    }
    const auto fields = pickle_.items(pickle_.tensor_arguments(handle), 4);
    const Pickle::StorageView& view = pickle_.storage_view(fields[0]);
    const Pickle::Storage& storage = pickle_.storages()[view.storage];
    if (!storage.dtype) {
      notes_.push_back(fmt::format("the tensor '{}' has the type {}, which easel does not read",
                                   printable(name), storage.type));
      if (notes_.size() > kMaxTensors) broken(name, "is one too many");
      return;
    }
    if (entries_.size() == kMaxTensors) broken(name, "is one too many");

    const std::int64_t offset = pickle_.integer(fields[1]);
    const std::vector<std::int64_t> sizes = integers(name, fields[2]);
    const std::vector<std::int64_t> strides = integers(name, fields[3]);
    if (sizes.size() != strides.size()) broken(name, "has more sizes than strides, or fewer");
    check_inside(name, offset, sizes, strides, view.elements);

    const StoragePlace place = locate_(view.storage);
    StoredTensor tensor{.file = place.file, .dtype = *storage.dtype, .shape = Shape{sizes}};
    tensor.offset = place.offset + (view.offset + offset) * storage.item_bytes;
    std::copy(strides.begin(), strides.end(), tensor.strides.emplace().begin());
    if (!entries_.emplace(name, make_entry(std::move(tensor))).second)
      broken(name, "is there twice");
  }

  std::vector<std::int64_t> integers(const std::string& name, Handle tuple) {
    if (pickle_.count(tuple) > Shape::kMaxRank) broken(name, "has more than 8 dimensions");
    std::vector<std::int64_t> out;
    for (const Handle item : pickle_.items(tuple, Shape::kMaxRank)) {
      if (pickle_.kind(item) != Kind::kInteger) broken(name, "has a size that is no integer");
      out.push_back(pickle_.integer(item));
    }
    return out;
  }

  void check_inside(const std::string& name, std::int64_t offset,
                    const std::vector<std::int64_t>& sizes,
                    const std::vector<std::int64_t>& strides, std::int64_t stored) {
    if (offset < 0 || offset > stored) broken(name, "starts outside its storage");
    std::int64_t elements = 1;
    std::int64_t last = offset;
    bool overflow = false;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] < 0 || strides[i] < 0) broken(name, "has a negative size or stride");
      std::int64_t reach = 0;
      overflow |= __builtin_mul_overflow(elements, sizes[i], &elements);
      overflow |=
          __builtin_mul_overflow(std::max<std::int64_t>(sizes[i] - 1, 0), strides[i], &reach);
      overflow |= __builtin_add_overflow(last, reach, &last);
    }
    if (overflow) broken(name, "is too large");
    if (elements == 0) return;
    if (last >= stored) {
      broken(name, fmt::format("ends at element {} of a storage of {}", last, stored));
    }
    if (elements > stored + kMaxExpansion) {
      broken(name, fmt::format("has {} elements in a storage of {}", elements, stored));
    }
  }

  [[noreturn]] void broken(const std::string& name, std::string_view what) {
    fail(ErrorCode::kInvalidFile, "the tensor '{}' of '{}' {}", printable(name), checkpoint_.name,
         what);
  }

  std::string describe(Handle handle) {
    switch (pickle_.kind(handle)) {
      case Kind::kList:
        return "a list";
      case Kind::kTuple:
        return "a tuple";
      case Kind::kString:
        return "a text";
      case Kind::kStorage:
        return "a bare storage";
      case Kind::kObject:
      case Kind::kOpaque:
      case Kind::kGlobal:
        return "something that only running its code would make";
      case Kind::kNone:
      case Kind::kBool:
      case Kind::kInteger:
      case Kind::kWideInteger:
      case Kind::kFloat:
        return "a single value";
      case Kind::kDict:
      case Kind::kTensor:
        break;
    }
    return "a dict";
  }

  Weights finish() {
    WeightsDetails details;
    details.has_pickle = true;
    details.opaque_values = pickle_.opaque_values();
    details.foreign_names = pickle_.foreign_names();
    std::sort(details.foreign_names.begin(), details.foreign_names.end());
    return Weights(checkpoint_.format, std::move(entries_), std::move(notes_), std::move(details));
  }

  Checkpoint checkpoint_;
  const Pickle& pickle_;
  const LocateStorage& locate_;
  TorchDicts dicts_;
  Weights::Entries entries_;
  std::vector<std::string> notes_;
};

}  // namespace

Weights gather_state(Checkpoint checkpoint, const Pickle& pickle, const LocateStorage& locate) {
  return StateGatherer(std::move(checkpoint), pickle, locate).gather();
}

}  // namespace easel
