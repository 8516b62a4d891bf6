#include "backend/cpu/algorithms.h"

#include <algorithm>
#include <string_view>

namespace easel {

std::string name_of(ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::kDirect:
      return "direct";
    case ConvAlgorithm::kWinograd2:
      return "winograd 2x2";
    case ConvAlgorithm::kWinograd4:
      return "winograd 4x4";
  }
  return "?";
}

namespace cpu {
namespace {

struct Row {
  std::string_view target;
  std::int64_t in, out, height, width;
  bool upsample;
  ConvAlgorithm algorithm;
};

constexpr auto kDirect = ConvAlgorithm::kDirect;
constexpr auto kWinograd2 = ConvAlgorithm::kWinograd2;
constexpr auto kWinograd4 = ConvAlgorithm::kWinograd4;

constexpr Row kTable[] = {
#include "backend/cpu/algorithm_table.inc"
};

// For layers that nobody measured.
ConvAlgorithm by_rule(const Conv2dSpec& spec, std::int64_t height, std::int64_t width) {
  // A single tile a picture leaves two rows for each of 36 products: the direct sums are faster.
  if (spec.in < 16 || std::min(height, width) <= 4) return kDirect;
  return kWinograd4;
}

}  // namespace

bool winograd_runs(const Conv2dSpec& spec) {
  return spec.kernel == 3 && spec.stride == 1 && spec.pad_before == 1 && spec.pad_after == 1;
}

ConvAlgorithm choose_algorithm(const std::string& target, const Conv2dSpec& spec,
                               std::int64_t height, std::int64_t width) {
  for (const Row& row : kTable) {
    if (row.in == spec.in && row.out == spec.out && row.height == height && row.width == width &&
        row.upsample == spec.upsample && row.target == target) {
      return row.algorithm;
    }
  }
  return by_rule(spec, height, width);
}

}  // namespace cpu
}  // namespace easel
