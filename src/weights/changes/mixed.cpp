#include "weights/changes/mixed.h"

#include <utility>
#include <vector>

#include "core/error.h"

namespace easel {

Weights mixed(const Weights& a, const Weights& b, double share) {
  for (const auto& [name, entry] : b.entries()) {
    if (!a.contains(name)) {
      fail(ErrorCode::kWrongModel, "the tensor '{}' is in only one of the two models", name);
    }
  }
  Weights::Entries entries;
  const auto part = static_cast<float>(share);
  for (const auto& [name, first] : a.entries()) {
    const Weights::Entry* second = b.find(name);
    if (second == nullptr) {
      fail(ErrorCode::kWrongModel, "the tensor '{}' is in only one of the two models", name);
    }
    if (second->source.shape != first.source.shape) {
      fail(ErrorCode::kWrongModel, "the tensor '{}' has shape {} in one model and {} in the other",
           name, first.source.shape.text(), second->source.shape.text());
    }
    Weights::Entry mixed{.source = first.source};
    mixed.source.read = [x = first.source.read, y = second->source.read, part](
                            std::int64_t from, std::span<float> out) {
      x(from, out);
      std::vector<float> other(out.size());
      y(from, other);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += part * (other[i] - out[i]);
    };
    entries.emplace(name, std::move(mixed));
  }
  return {WeightsFormat::kMemory, std::move(entries)};
}

}  // namespace easel
