#include "pipeline/diffusing/finite.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

constexpr std::int64_t kChunk = 1 << 18;  // values read at once

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

bool holds_numbers(const TensorSource& source) {
  const std::int64_t count = source.shape.elements();
  std::vector<float> values;
  for (std::int64_t first = 0; first < count; first += kChunk) {
    values.resize(static_cast<std::size_t>(std::min(kChunk, count - first)));
    source.read(first, values);
    if (!all_finite(values)) return false;
  }
  return true;
}

}  // namespace

void require_finite(std::span<const float> values, std::string_view what, const Weights* weights) {
  if (all_finite(values)) return;
  const Weights::Entries none;
  for (const auto& [name, entry] : weights == nullptr ? none : weights->entries()) {
    if (holds_numbers(entry.source)) continue;
    const std::string& key = entry.original_name.empty() ? name : entry.original_name;
    fail(ErrorCode::kInvalidFile,
         "{} is no number, for '{}' in the model's file holds values that are none (NaN or "
         "infinite){}",
         what, printable(key),
         name.starts_with("first_stage_model.") ? ": give another autoencoder with --vae" : "");
  }
  fail(ErrorCode::kInvalidFile, "{} is no number, though all weights of the model are", what);
}

}  // namespace easel
