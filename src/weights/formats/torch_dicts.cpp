#include "weights/formats/torch_dicts.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "core/error.h"
#include "core/printable.h"
#include "weights/containers.h"

namespace easel {
namespace {

using Handle = Pickle::Handle;
using Kind = Pickle::Kind;
using Dict = TorchDicts::Dict;

constexpr int kMaxLevels = 6;
constexpr std::int64_t kMostCounted = std::int64_t{1} << 32;
constexpr std::int64_t kVisitsPerItem = 4;
constexpr std::int64_t kFreeVisits = 1000;

class StateFinder {
 public:
  StateFinder(TorchDicts& dicts, std::vector<std::string>& notes)
      : dicts_(dicts), pickle_(dicts.pickle()), notes_(notes) {}

  Handle find() {
    Handle state = pickle_.root();
    for (int level = 0; level < kMaxLevels && pickle_.kind(state) == Kind::kDict; ++level) {
      const Dict dict = dicts_.dict_of(state);
      if (dicts_.is_state_dict(dict)) break;
      const std::vector<Part> parts = parts_with_tensors(dict);
      const Part* best = best_part(parts);
      if (best == nullptr) break;
      note_entered(*best, parts);
      state = best->value;
    }
    return state;
  }

 private:
  // Something in a dict that holds tensors, and what its name says.
  struct Part {
    std::string_view name;
    Handle value = 0;
    Container container;
    std::int64_t tensors = 0;
  };

  std::vector<Part> parts_with_tensors(const Dict& dict) {
    std::vector<Part> parts;
    for (const auto& [name, value] : dict) {
      const bool holds = pickle_.kind(value) == Kind::kDict || pickle_.kind(value) == Kind::kObject;
      const std::int64_t tensors = holds ? tensors_below(value, 0) : 0;
      if (tensors == 0) continue;
      parts.push_back(
          {.name = name, .value = value, .container = container_named(name), .tensors = tensors});
    }
    return parts;
  }

  // The part with the best name; averaged weights only where they are not a fraction of the others
  // (an average of some layers). Without any such name, the only state dict that is there.
  const Part* best_part(const std::vector<Part>& parts) {
    std::int64_t most = 0;
    for (const Part& part : parts) {
      if (part.container.kind == ContainerKind::kWeights) most = std::max(most, part.tensors);
    }
    const Part* best = nullptr;
    for (const Part& part : parts) {
      if (part.container.kind == ContainerKind::kOther) continue;
      if (part.container.kind == ContainerKind::kAveraged && 2 * part.tensors < most) continue;
      if (best == nullptr || better(part.container, best->container)) best = &part;
    }
    if (best != nullptr) return best;
    for (const Part& part : parts) {
      if (part.container.is_known_not) continue;
      const bool module = pickle_.kind(part.value) == Kind::kObject;
      if (!module && !dicts_.is_state_dict(dicts_.dict_of(part.value))) continue;
      if (best != nullptr) return nullptr;
      best = &part;
    }
    return best;
  }

  void note_entered(const Part& entered, const std::vector<Part>& parts) {
    notes_.push_back(fmt::format("its '{}' is read", printable(entered.name)));
    if (entered.container.kind != ContainerKind::kAveraged) return;
    notes_.back() += " (the averaged weights)";
    for (const Part& part : parts) {
      if (part.container.kind != ContainerKind::kWeights) continue;
      notes_.back() += fmt::format(", '{}' is not", printable(part.name));
      return;
    }
  }

  // Tensors by name in a dict, in the dicts in it, and in modules.
  std::int64_t tensors_below(Handle handle, int depth) {
    const auto [known, added] = tensors_below_.emplace(handle, 0);
    if (!added || depth > kMaxDictNesting) return known->second;
    std::int64_t tensors = 0;
    const auto count_values = [&](Handle dict) {
      bool is_value = false;
      pickle_.for_each(dict, [&](Handle item) {
        const Kind kind = pickle_.kind(item);
        if (is_value && kind == Kind::kTensor) ++tensors;
        if (is_value && (kind == Kind::kDict || kind == Kind::kObject)) {
          tensors += tensors_below(item, depth + 1);
        }
        is_value = !is_value;
      });
    };
    if (pickle_.kind(handle) == Kind::kDict) {
      count_values(handle);
    } else if (const auto state = pickle_.state(handle);
               state && pickle_.kind(*state) == Kind::kDict) {
      dicts_.count_visits(pickle_.count(*state));
      bool in_group = false, is_value = false;
      pickle_.for_each(*state, [&](Handle item) {
        if (is_value && in_group && pickle_.kind(item) == Kind::kDict) count_values(item);
        in_group = !is_value && pickle_.kind(item) == Kind::kString && is_group(pickle_.text(item));
        is_value = !is_value;
      });
    }
    tensors = std::min(tensors, kMostCounted);  // shared parts count again each time
    tensors_below_[handle] = tensors;
    return tensors;
  }

  static bool is_group(std::string_view name) {
    return std::find(std::begin(kTorchModuleGroups), std::end(kTorchModuleGroups), name) !=
           std::end(kTorchModuleGroups);
  }

  TorchDicts& dicts_;
  const Pickle& pickle_;
  std::vector<std::string>& notes_;
  std::unordered_map<Handle, std::int64_t> tensors_below_;
};

}  // namespace

TorchDicts::Dict TorchDicts::dict_of(Handle handle) {
  count_visits(pickle_.count(handle));
  Dict dict;
  std::optional<Handle> key;
  pickle_.for_each(handle, [&](Handle item) {
    if (!key) {
      key = item;
      return;
    }
    if (pickle_.kind(*key) == Kind::kString) dict.insert_or_assign(pickle_.text(*key), item);
    key.reset();
  });
  return dict;
}

bool TorchDicts::is_state_dict(const Dict& dict) const {
  return std::any_of(dict.begin(), dict.end(), [&](const auto& item) {
    return pickle_.kind(item.second) == Kind::kTensor &&
           item.first.find('.') != std::string_view::npos;
  });
}

void TorchDicts::count_visits(std::int64_t more) {
  visits_ += more + 1;
  if (visits_ > kVisitsPerItem * pickle_.total_items() + kFreeVisits) {
    fail(ErrorCode::kInvalidFile, "'{}' nests its dicts without end", file_);
  }
}

Handle find_state(TorchDicts& dicts, std::vector<std::string>& notes) {
  return StateFinder(dicts, notes).find();
}

}  // namespace easel
