#include "nn/feed_forward.h"

namespace easel {
namespace {

Linear::Spec first_layer(const FeedForward::Spec& spec) {
  const std::int64_t halves = spec.activation == Activation::kGeglu ? 2 : 1;
  return {.in = spec.channels, .out = halves * spec.inner, .activation = spec.activation};
}

}  // namespace

FeedForward::FeedForward(const Place& at, const Spec& spec)
    : first_(at / spec.first, first_layer(spec)),
      second_(at / spec.second, {.in = spec.inner, .out = spec.channels}) {}

void FeedForward::add_to(View x, ConstView norm_x) const {
  const Tensor hidden = first_(norm_x);  // [B, T, inner]
  second_.run(hidden, {.residual = x}, x);
}

}  // namespace easel
