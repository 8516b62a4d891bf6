#include <cmath>

#include "backend/cpu/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/norm_kernels.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "backend/cpu/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace easel::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
using V = hn::Vec<Lanes>;
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Lanes()));

HWY_INLINE float SumOf(V v) { return hn::GetLane(hn::SumOfLanes(Lanes(), v)); }

void ChannelMoments(const float* x, std::int64_t rows, std::int64_t stride, std::int64_t channels,
                    float* sums, float* squares) {
  const Lanes d;
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    V sum = hn::Zero(d), square = hn::Zero(d);
    for (std::int64_t row = 0; row < rows; ++row) {
      const V v = LoadUpTo(Lanes(), x + row * stride + c, channels - c);
      sum = hn::Add(sum, v);
      square = hn::MulAdd(v, v, square);
    }
    StoreUpTo(sum, d, sums + c, channels - c);
    StoreUpTo(square, d, squares + c, channels - c);
  }
}

template <Activation kActivation>
void AffineRows(const float* x, std::int64_t rows, std::int64_t stride, std::int64_t channels,
                const float* scale, const float* shift, float* out, std::int64_t out_stride) {
  const Lanes d;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t left = channels - c;
      const V y =
          hn::MulAdd(LoadUpTo(Lanes(), x + row * stride + c, left),
                     LoadUpTo(Lanes(), scale + c, left), LoadUpTo(Lanes(), shift + c, left));
      StoreUpTo(Activate<kActivation>(d, y), d, out + row * out_stride + c, left);
    }
  }
}

void Affine(const float* x, std::int64_t rows, std::int64_t stride, std::int64_t channels,
            const float* scale, const float* shift, Activation activation, float* out,
            std::int64_t out_stride) {
  if (activation == Activation::kSilu) {
    AffineRows<Activation::kSilu>(x, rows, stride, channels, scale, shift, out, out_stride);
  } else {
    AffineRows<Activation::kNone>(x, rows, stride, channels, scale, shift, out, out_stride);
  }
}

void LayerNorm(float eps, const float* x, std::int64_t rows, std::int64_t stride,
               std::int64_t channels, const float* gamma, const float* beta, float* out,
               std::int64_t out_stride) {
  const Lanes d;
  const auto count = static_cast<float>(channels);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* in = x + row * stride;
    V sum = hn::Zero(d);
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      sum = hn::Add(sum, LoadUpTo(Lanes(), in + c, channels - c));
    }
    const V mean = hn::Set(d, SumOf(sum) / count);
    V squares = hn::Zero(d);
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t left = channels - c;
      V difference = hn::Sub(LoadUpTo(Lanes(), in + c, left), mean);
      if (left < kLanes) {
        difference = hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(left)), difference);
      }
      squares = hn::MulAdd(difference, difference, squares);
    }
    const V inverse = hn::Set(d, 1.0f / std::sqrt(SumOf(squares) / count + eps));
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t left = channels - c;
      const V normal = hn::Mul(hn::Sub(LoadUpTo(Lanes(), in + c, left), mean), inverse);
      StoreUpTo(
          hn::MulAdd(normal, LoadUpTo(Lanes(), gamma + c, left), LoadUpTo(Lanes(), beta + c, left)),
          d, out + row * out_stride + c, left);
    }
  }
}

template <Activation kActivation>
void ActivateAll(const float* x, std::int64_t count, float* out) {
  for (std::int64_t i = 0; i < count; i += kLanes) {
    StoreUpTo(Activate<kActivation>(Lanes(), LoadUpTo(Lanes(), x + i, count - i)), Lanes(), out + i,
              count - i);
  }
}

void ActivateValues(Activation activation, const float* x, std::int64_t count, float* out) {
  switch (activation) {
    case Activation::kSilu:
      return ActivateAll<Activation::kSilu>(x, count, out);
    case Activation::kGelu:
      return ActivateAll<Activation::kGelu>(x, count, out);
    case Activation::kLeakyRelu:
      return ActivateAll<Activation::kLeakyRelu>(x, count, out);
    case Activation::kQuickGelu:
      return ActivateAll<Activation::kQuickGelu>(x, count, out);
    case Activation::kRelu:
      return ActivateAll<Activation::kRelu>(x, count, out);
    case Activation::kNone:
    case Activation::kGeglu:
      return ActivateAll<Activation::kNone>(x, count, out);
  }
}

// Two passes over scores that are still in the second-level cache: the maximum, then exponentials.
void Softmax(float* scores, std::int64_t rows, std::int64_t block_stride, std::int64_t length,
             float scale, float* most_of_row, float* sums) {
  const Lanes d;
  const V factor = hn::Set(d, scale);
  for (std::int64_t row = 0; row < rows; ++row) {
    V most = hn::Set(d, -3.0e38f);
    for (std::int64_t first = 0; first < length; first += kBlockK) {
      const float* in = scores + first / kBlockK * block_stride + row * kRowStride;
      const std::int64_t keys = length - first < kBlockK ? length - first : kBlockK;
      std::int64_t i = 0;
      for (; i + kLanes <= keys; i += kLanes) most = hn::Max(most, hn::LoadU(d, in + i));
      for (; i < keys; ++i) most = hn::Max(most, hn::Set(d, in[i]));
    }
    const V highest = hn::MaxOfLanes(d, most);
    most_of_row[row] = hn::GetLane(highest);
    V total = hn::Zero(d);
    for (std::int64_t first = 0; first < length; first += kBlockK) {
      float* in = scores + first / kBlockK * block_stride + row * kRowStride;
      const std::int64_t keys = length - first < kBlockK ? length - first : kBlockK;
      for (std::int64_t i = 0; i < keys; i += kLanes) {
        const std::int64_t left = keys - i;
        V e = Exp(d, hn::Mul(hn::Sub(LoadUpTo(Lanes(), in + i, left), highest), factor));
        if (left < kLanes) e = hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(left)), e);
        StoreUpTo(e, d, in + i, left);
        total = hn::Add(total, e);
      }
    }
    sums[row] = SumOf(total);
  }
}

void Scale(const float* x, std::int64_t count, float factor, float* out) {
  const V by = hn::Set(Lanes(), factor);
  for (std::int64_t i = 0; i < count; i += kLanes) {
    StoreUpTo(hn::Mul(LoadUpTo(Lanes(), x + i, count - i), by), Lanes(), out + i, count - i);
  }
}

void AddScaled(const float* x, float scale, const float* residual, std::int64_t count, float* out) {
  const V factor = hn::Set(Lanes(), scale);
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const V sum = hn::MulAdd(LoadUpTo(Lanes(), x + i, count - i), factor,
                             LoadUpTo(Lanes(), residual + i, count - i));
    StoreUpTo(sum, Lanes(), out + i, count - i);
  }
}

NormKernels MakeNormKernels() {
  return {.channel_moments = &ChannelMoments,
          .affine = &Affine,
          .layer_norm = &LayerNorm,
          .activate = &ActivateValues,
          .softmax = &Softmax,
          .scale = &Scale,
          .add_scaled = &AddScaled};
}

}  // namespace easel::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "backend/cpu/dispatch-inl.h"

namespace easel::cpu {
HWY_EXPORT(MakeNormKernels);

NormKernels norm_kernels(std::int64_t target) {
  return entry_for(HWY_DISPATCH_TABLE(MakeNormKernels), target)();
}

}  // namespace easel::cpu
#endif
