// Vector functions of the activations. Included once per target, after highway.h.

#if defined(EASEL_CPU_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef EASEL_CPU_MATH_INL
#undef EASEL_CPU_MATH_INL
#else
#define EASEL_CPU_MATH_INL
#endif

#include <hwy/highway.h>

#include "backend/specs.h"

HWY_BEFORE_NAMESPACE();
namespace easel::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The first `count` lanes (all when there are more) of memory that ends there; the rest are zero.
// Through a small buffer, because Highway's masked loads may read past the end.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LoadUpTo(D d, const float* from, std::int64_t count) {
  constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));
  if (HWY_LIKELY(count >= kLanes)) return hn::LoadU(d, from);
  HWY_ALIGN float buffer[kLanes] = {};
  for (std::int64_t i = 0; i < count; ++i) buffer[i] = from[i];
  return hn::Load(d, buffer);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void StoreUpTo(V value, D d, float* to, std::int64_t count) {
  constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));
  if (HWY_LIKELY(count >= kLanes)) {
    hn::StoreU(value, d, to);
    return;
  }
  HWY_ALIGN float buffer[kLanes];
  hn::Store(value, d, buffer);
  for (std::int64_t i = 0; i < count; ++i) to[i] = buffer[i];
}

// e^x for x in [-87, 88], 0 below and e^88 above: 2^n e^r with n = round(x / ln 2), |r| <= ln 2
// / 2. Half the operations of Highway's, which also serves denormal results and infinity. At
// most 7.6e-8 (relative) from the exact value.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp(D d, V x) {
  const hn::RebindToSigned<D> bits;
  const auto below = hn::Lt(x, hn::Set(d, -87.0f));
  x = hn::Min(x, hn::Set(d, 88.0f));
  // Adding 1.5 * 2^23 rounds to an integer, which is then the sum's lowest bits.
  const V magic = hn::Set(d, 12582912.0f);
  const V shifted = hn::MulAdd(x, hn::Set(d, 1.44269504f), magic);
  const V n = hn::Sub(shifted, magic);
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);  // ln 2 in two parts (Cody and Waite)
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  // (e^r - 1 - r) / r^2, fitted by least squares on Chebyshev's nodes for the least relative error.
  V p = hn::Set(d, 1.37514074e-3f);
  p = hn::MulAdd(p, r, hn::Set(d, 8.36891588e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 4.16695327e-2f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.66665182e-1f));
  p = hn::MulAdd(p, r, hn::Set(d, 4.99999881e-1f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0f));
  const V power =
      hn::BitCast(d, hn::Add(hn::BitCast(bits, p), hn::ShiftLeft<23>(hn::BitCast(bits, shifted))));
  // Not a denormal number: processors are slow with those.
  return hn::IfThenZeroElse(below, power);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, Exp(d, hn::Neg(x))));
}

// erf as an odd rational function on [-4, 4], beyond which it is 1 in float. Coefficients: Eigen's
// generic_fast_erf_float (MPL-2.0); measured here: at most 3e-7 from the exact value.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Erf(D d, V x) {
  const V z = hn::Clamp(x, hn::Set(d, -4.0f), hn::Set(d, 4.0f));
  const V z2 = hn::Mul(z, z);
  V p = hn::Set(d, -2.72614225801306e-10f);
  p = hn::MulAdd(p, z2, hn::Set(d, 2.77068142495902e-08f));
  p = hn::MulAdd(p, z2, hn::Set(d, -2.10102402082508e-06f));
  p = hn::MulAdd(p, z2, hn::Set(d, -5.69250639462346e-05f));
  p = hn::MulAdd(p, z2, hn::Set(d, -7.34990630326855e-04f));
  p = hn::MulAdd(p, z2, hn::Set(d, -2.95459980854025e-03f));
  p = hn::MulAdd(p, z2, hn::Set(d, -1.60960333262415e-02f));
  V q = hn::Set(d, -1.45660718464996e-05f);
  q = hn::MulAdd(q, z2, hn::Set(d, -2.13374055278905e-04f));
  q = hn::MulAdd(q, z2, hn::Set(d, -1.68282697438203e-03f));
  q = hn::MulAdd(q, z2, hn::Set(d, -7.37332916720468e-03f));
  q = hn::MulAdd(q, z2, hn::Set(d, -1.42647390514189e-02f));
  return hn::Div(hn::Mul(z, p), q);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Gelu(D d, V x) {
  const V half = hn::Mul(x, hn::Set(d, 0.5f));
  return hn::MulAdd(half, Erf(d, hn::Mul(x, hn::Set(d, 0.70710678118654752f))), half);
}

template <Activation kActivation, class D, class V = hn::Vec<D>>
HWY_INLINE V Activate(D d, V x) {
  if constexpr (kActivation == Activation::kSilu) return hn::Mul(x, Sigmoid(d, x));
  if constexpr (kActivation == Activation::kGelu) return Gelu(d, x);
  if constexpr (kActivation == Activation::kLeakyRelu) {
    return hn::Max(x, hn::Mul(x, hn::Set(d, 0.2f)));
  }
  if constexpr (kActivation == Activation::kQuickGelu) {
    return hn::Mul(x, Sigmoid(d, hn::Mul(x, hn::Set(d, 1.702f))));
  }
  if constexpr (kActivation == Activation::kRelu) return hn::Max(x, hn::Zero(d));
  return x;
}

}  // namespace easel::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // EASEL_CPU_MATH_INL
