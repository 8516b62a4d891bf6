#include "models/srvgg.h"

#include "nn/tensor_ops.h"

namespace easel {

Srvgg::Srvgg(const Place& at, const SrvggConfig& config) : backend_(at.backend), config_(config) {
  const Place body = at / "body";
  const int last = 2 * (config.convolutions + 1);
  const std::int64_t shuffled = std::int64_t{config.channels} * config.scale * config.scale;
  for (int i = 0; i <= last; i += 2) {
    convolutions_.emplace_back(body / i,
                               Conv2dSpec{.in = i == 0 ? config.channels : config.features,
                                          .out = i == last ? shuffled : config.features});
    if (i < last) prelus_.emplace_back(body / (i + 1), config.features);
  }
}

Tensor Srvgg::operator()(ConstView x) const {
  Tensor h = convolutions_.front()(x);  // [B, H, W, features]
  for (std::size_t i = 0; i < prelus_.size(); ++i) {
    prelus_[i].in_place(h);
    h = convolutions_[i + 1](h);
  }
  Tensor out = pixel_shuffle(backend_, h, config_.scale);  // [B, s * H, s * W, C]
  backend_.add_enlarged(x, config_.scale, out);
  return out;
}

}  // namespace easel
