#include "backend/cpu/algorithms.h"

#include <algorithm>

namespace easel::cpu {

std::string name_of(ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::kDirect:
      return "direct";
    case ConvAlgorithm::kWinograd4:
      return "winograd 4x4";
  }
  return "?";
}

ConvAlgorithm choose_algorithm(const std::string& target, const Conv2dSpec& spec,
                               std::int64_t height, std::int64_t width) {
  (void)target;
  const bool possible =
      spec.kernel == 3 && spec.stride == 1 && spec.pad_before == 1 && spec.pad_after == 1;
  // A single tile a picture leaves two rows for each of 36 products: the direct sums are faster.
  if (!possible || spec.in < 16 || std::min(height, width) <= 4) return ConvAlgorithm::kDirect;
  return ConvAlgorithm::kWinograd4;
}

}  // namespace easel::cpu
