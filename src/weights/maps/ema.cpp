#include "weights/maps/ema.h"

#include <map>
#include <utility>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::string_view kModel = "model.";
constexpr std::string_view kAveraged = "model_ema.";

std::string without_dots(std::string_view name) {
  std::string out(name);
  std::erase(out, '.');
  return out;
}

}  // namespace

bool has_ema(const Weights& weights) { return weights.contains_prefix(kAveraged); }

Weights with_ema(const Weights& weights) {
  if (!has_ema(weights)) return weights;
  Weights::Entries entries;
  std::map<std::string, std::string> taken;  // the averaged tensor -> the name it stands for
  for (const auto& [name, entry] : weights.entries()) {
    if (name.starts_with(kAveraged)) continue;
    entries.emplace(name, entry);
    if (!name.starts_with(kModel)) continue;
    const std::string averaged =
        std::string(kAveraged) + without_dots(std::string_view(name).substr(kModel.size()));
    const Weights::Entry* found = weights.find(averaged);
    if (found == nullptr) continue;
    const auto [at, added] = taken.emplace(averaged, name);
    if (!added) {
      fail(ErrorCode::kInvalidFile, "the averaged tensor '{}' could be '{}' or '{}'", averaged,
           at->second, name);
    }
    if (!(found->source.shape == entry.source.shape)) {
      fail(ErrorCode::kInvalidFile, "the averaged tensor '{}' has shape {}, wanted {}", averaged,
           found->source.shape.text(), entry.source.shape.text());
    }
    Weights::Entry replaced = *found;
    replaced.original_name = averaged;
    entries.insert_or_assign(name, std::move(replaced));
  }
  std::vector<std::string> notes = weights.notes();
  notes.push_back(fmt::format("the averaged (EMA) weights of {} tensors are used", taken.size()));
  return Weights(weights.format(), std::move(entries), std::move(notes), weights.details());
}

}  // namespace easel
