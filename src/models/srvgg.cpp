#include "models/srvgg.h"

#include "nn/parameters.h"
#include "nn/tensor_ops.h"

namespace easel {

Srvgg::Srvgg(Backend& backend, const Scope& scope, const SrvggConfig& config)
    : backend_(backend), config_(config) {
  const Scope body = scope / "body";
  const int last = 2 * (config.convolutions + 1);
  const std::int64_t shuffled = 3 * config.scale * config.scale;
  for (int i = 0; i <= last; i += 2) {
    convolutions_.emplace_back(backend, body / i,
                               Conv2dSpec{.in = i == 0 ? 3 : config.features,
                                          .out = i == last ? shuffled : config.features});
    if (i < last) slopes_.push_back(take_vector(body / (i + 1), "weight", config.features));
  }
}

Tensor Srvgg::operator()(ConstView x) const {
  Tensor h = convolutions_.front()(x);  // [B, H, W, features]
  for (std::size_t i = 0; i < slopes_.size(); ++i) {
    backend_.prelu(h, slopes_[i], h);
    h = convolutions_[i + 1](h);
  }
  Tensor out = pixel_shuffle(backend_, h, config_.scale);  // [B, s * H, s * W, 3]
  const std::int64_t s = config_.scale, width = out.dim(2), rows = out.dim(0) * out.dim(1);
  backend_.threads().parallel_for(rows, [&](std::int64_t row) {
    const float* from = x.data + row / s * (width / s) * x.stride;
    float* to = out.data() + row * width * 3;
    for (std::int64_t i = 0; i < width * 3; ++i) to[i] += from[i / 3 / s * x.stride + i % 3];
  });
  return out;
}

}  // namespace easel
