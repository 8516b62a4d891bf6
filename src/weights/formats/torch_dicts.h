#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weights/formats/pickle.h"

namespace easel {

/// Where torch.nn.Module keeps its tensors.
inline constexpr std::string_view kTorchModuleGroups[] = {"_parameters", "_buffers", "_modules"};
inline constexpr int kMaxDictNesting = 64;

/// The dicts of a checkpoint's pickle, of which only so many are looked into: one may be reached in
/// several ways (tied modules), but not in 2^n: n levels of two references each would never end.
class TorchDicts {
 public:
  using Dict = std::map<std::string_view, Pickle::Handle>;

  /// `file` is for messages. REQUIRES: both outlive this.
  TorchDicts(const Pickle& pickle, const std::string& file) : pickle_(pickle), file_(file) {}

  const Pickle& pickle() const { return pickle_; }
  /// The items with text keys; of equal keys the last counts, as in Python. Throws kInvalidFile
  /// when the dicts nest without end.
  Dict dict_of(Pickle::Handle handle);
  /// Whether tensors lie in it under the dotted names of a state dict.
  bool is_state_dict(const Dict& dict) const;
  void count_visits(std::int64_t more);

 private:
  const Pickle& pickle_;
  const std::string& file_;
  std::int64_t visits_ = 0;
};

/// The dict (or tensor, or module) of the pickle that holds the network: trainers keep it beside
/// other things under names of their own (containers.h). Adds to `notes` what was entered.
Pickle::Handle find_state(TorchDicts& dicts, std::vector<std::string>& notes);

}  // namespace easel
