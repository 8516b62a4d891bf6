#include "weights/weights.h"

#include "core/error.h"

namespace easel {

Weights rename(const Weights& weights, const KeyMap& map) {
  Weights::Entries entries;
  for (const auto& [name, entry] : weights.entries()) {
    std::string renamed = map(name);
    if (renamed.empty()) continue;
    const auto [at, added] = entries.emplace(std::move(renamed), entry);
    if (!added) {
      fail(ErrorCode::kInvalidFile, "the tensors '{}' and '{}' are both '{}'",
           at->second.original_name.empty() ? at->first : at->second.original_name, name,
           at->first);
    }
    if (at->second.original_name.empty() && at->first != name) at->second.original_name = name;
  }
  return Weights(weights.format(), std::move(entries), weights.notes(), weights.details());
}

}  // namespace easel
