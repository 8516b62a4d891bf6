#include "cli/txt2img_noise.h"

#include <algorithm>
#include <cstddef>

namespace easel::cli {

ShareOfBatch::ShareOfBatch(const TorchCpuRng& rng, Place place,
                           const std::vector<float>& fixed_start)
    : rng_(rng), place_(place), start_(fixed_start) {}

void ShareOfBatch::draw(std::span<float> out) {
  batch_.resize(out.size() * static_cast<std::size_t>(place_.batch));
  if (start_.empty()) {
    rng_.normal(batch_);
  } else {
    batch_ = start_;
    start_.clear();
  }
  const std::size_t at = out.size() * static_cast<std::size_t>(place_.picture);
  std::copy_n(batch_.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
}

}  // namespace easel::cli
