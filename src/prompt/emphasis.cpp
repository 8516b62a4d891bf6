#include "prompt/emphasis.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

namespace easel {
namespace {

constexpr std::array<std::pair<std::string_view, Emphasis>, 4> kNames{
    {{"Original", Emphasis::kOriginal},
     {"No norm", Emphasis::kNoNorm},
     {"Ignore", Emphasis::kIgnore},
     {"None", Emphasis::kNone}}};

char plain(char c) {
  if (c == '-') return ' ';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

double mean(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::optional<Emphasis> emphasis_named(std::string_view name) {
  for (const auto& [known, emphasis] : kNames) {
    if (std::ranges::equal(known, name, {}, plain, plain)) return emphasis;
  }
  return std::nullopt;
}

std::string_view name_of(Emphasis emphasis) {
  return std::ranges::find(kNames, emphasis, &decltype(kNames)::value_type::second)->first;
}

void emphasize(std::span<float> rows, std::span<const float> weights, Emphasis emphasis) {
  if (emphasis == Emphasis::kIgnore || emphasis == Emphasis::kNone || weights.empty()) return;
  assert(rows.size() % weights.size() == 0);
  const std::size_t width = rows.size() / weights.size();
  const double before = mean(rows);
  for (std::size_t row = 0; row < weights.size(); ++row) {
    for (float& value : rows.subspan(row * width, width)) value *= weights[row];
  }
  if (emphasis == Emphasis::kNoNorm) return;
  const auto scale = static_cast<float>(before / mean(rows));
  if (!std::isfinite(scale)) return;
  for (float& value : rows) value *= scale;
}

}  // namespace easel
