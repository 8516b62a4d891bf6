#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "backend/cpu/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/gemm_kernels.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "backend/cpu/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace easel::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
constexpr std::size_t kLanes = hn::MaxLanes(Lanes());

// The register block is kMaxRows x 2 vectors of sums, 2 vectors of b and one broadcast of a. One
// vector of b leaves room for more rows: with few sums their latency would show.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
constexpr int kMaxRows = 12;  // 32 registers
constexpr int kMaxRowsOfOne = 24;
#else
constexpr int kMaxRows = 6;  // 16 registers
constexpr int kMaxRowsOfOne = 12;
#endif

// What FinishRows does where there is no activation, for sums that are still in registers.
template <int kRows, int kVectors>
HWY_INLINE void FinishSums(const FinishTile& t, const hn::Vec<Lanes> (&sums)[kRows][kVectors]) {
  const Lanes d;
  const auto scale = hn::Set(d, t.scale);
  hn::Vec<Lanes> bias[kVectors], addend[kVectors];
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    bias[v] = hn::LoadU(d, t.bias + v * kLanes);
    addend[v] = t.per_picture == nullptr ? hn::Zero(d) : hn::LoadU(d, t.per_picture + v * kLanes);
  }
  const float* residual = t.residual;
  float* out = t.out;
#pragma GCC unroll 24
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const auto y = hn::Add(hn::Add(sums[r][v], bias[v]), addend[v]);
      hn::StoreU(residual == nullptr ? hn::Mul(y, scale)
                                     : hn::MulAdd(y, scale, hn::LoadU(d, residual + v * kLanes)),
                 d, out + v * kLanes);
    }
    out += t.out_stride;
    if (residual != nullptr) residual += t.residual_stride;
  }
}

// Every element of c is one chain of multiply-adds over k, whatever block its row falls in: a row's
// result never depends on which other rows there are.
template <int kRows, int kVectors, std::int64_t kStride>
void MultiplyBlock(std::int64_t k, const float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
                   float* HWY_RESTRICT c, std::int64_t c_stride, bool accumulate, const char* ahead,
                   std::int64_t ahead_step, const FinishTile* finish) {
  const Lanes d;
  using V = hn::Vec<Lanes>;
  V sums[kRows][kVectors];
#pragma GCC unroll 24
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      sums[r][v] = accumulate ? hn::LoadU(d, c + r * c_stride + v * kLanes) : hn::Zero(d);
    }
  }
#pragma GCC unroll 4
  for (std::int64_t i = 0; i < k; ++i) {
    V columns[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) columns[v] = hn::LoadU(d, b + v * kLanes);
    b += kVectors * kLanes;
    hwy::Prefetch(ahead + i * ahead_step);
#pragma GCC unroll 24
    for (int r = 0; r < kRows; ++r) {
      const V value = hn::Set(d, a[i + r * kStride]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(value, columns[v], sums[r][v]);
    }
  }
  if (finish != nullptr) {
    FinishSums<kRows, kVectors>(*finish, sums);
    return;
  }
#pragma GCC unroll 24
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[r][v], d, c + r * c_stride + v * kLanes);
  }
}

using Block = void (*)(std::int64_t, const float*, const float*, float*, std::int64_t, bool,
                       const char*, std::int64_t, const FinishTile*);

template <int kVectors, std::int64_t kStride, int... kIndex>
constexpr std::array<Block, sizeof...(kIndex)> Blocks(std::integer_sequence<int, kIndex...>) {
  return {&MultiplyBlock<kIndex + 1, kVectors, kStride>...};
}

template <Activation kActivation>
void FinishRows(const FinishTile& t) {
  const Lanes d;
  const auto scale = hn::Set(d, t.scale);
  for (std::int64_t row = 0; row < t.rows; ++row) {
    const float* c = t.c + row * t.c_stride;
    const float* residual = t.residual == nullptr ? nullptr : t.residual + row * t.residual_stride;
    float* out = t.out + row * t.out_stride;
    for (std::int64_t i = 0; i < t.columns; i += static_cast<std::int64_t>(kLanes)) {
      const std::int64_t left = t.columns - i;
      auto y = hn::Add(hn::LoadU(d, c + i), hn::LoadU(d, t.bias + i));
      if constexpr (kActivation == Activation::kGeglu) {
        // The second vector of the panel holds the gates of the first.
        const auto gate = hn::Add(hn::LoadU(d, c + i + kLanes), hn::LoadU(d, t.bias + i + kLanes));
        y = hn::Mul(y, Gelu(d, gate));
      } else {
        if (t.per_picture != nullptr) y = hn::Add(y, LoadUpTo(d, t.per_picture + i, left));
        y = Activate<kActivation>(d, y);
      }
      if (residual != nullptr) {
        y = hn::MulAdd(y, scale, LoadUpTo(d, residual + i, left));
      } else if (t.scale != 1.0f) {
        y = hn::Mul(y, scale);
      }
      StoreUpTo(y, d, out + i, left);
    }
  }
}

void Finish(const FinishTile& t) {
  switch (t.activation) {
    case Activation::kNone:
      return FinishRows<Activation::kNone>(t);
    case Activation::kSilu:
      return FinishRows<Activation::kSilu>(t);
    case Activation::kGelu:
      return FinishRows<Activation::kGelu>(t);
    case Activation::kGeglu:
      return FinishRows<Activation::kGeglu>(t);
    case Activation::kLeakyRelu:
      return FinishRows<Activation::kLeakyRelu>(t);
    case Activation::kQuickGelu:
      return FinishRows<Activation::kQuickGelu>(t);
    case Activation::kRelu:
      return FinishRows<Activation::kRelu>(t);
  }
}

// Asks for what finishing some rows will read and write, while their sums are still being taken.
void PrefetchFinish(const FinishTile& t, std::int64_t row, std::int64_t rows) {
  for (std::int64_t r = row; r < row + rows; ++r) {
    __builtin_prefetch(t.out + r * t.out_stride, 1);
    if (t.residual != nullptr) __builtin_prefetch(t.residual + r * t.residual_stride, 0);
  }
}

FinishTile RowsOf(FinishTile t, std::int64_t row, std::int64_t rows) {
  t.c += row * t.c_stride;
  t.out += row * t.out_stride;
  if (t.residual != nullptr) t.residual += row * t.residual_stride;
  t.rows = rows;
  return t;
}

// Splits the rows into blocks that differ by at most one row, rather than leaving a thin last one.
template <std::int64_t kStride>
void MultiplyRows(const GemmTile& tile) {
  static constexpr auto kOne = Blocks<1, kStride>(std::make_integer_sequence<int, kMaxRowsOfOne>());
  static constexpr auto kTwo = Blocks<2, kStride>(std::make_integer_sequence<int, kMaxRows>());
  const std::int64_t most = tile.vectors == 2 ? kMaxRows : kMaxRowsOfOne;
  const std::int64_t blocks = (tile.rows + most - 1) / most;
  // Each block's loop asks for its share of what comes next; without any, for what it has.
  const bool look_ahead = tile.ahead != nullptr;
  const std::int64_t share = look_ahead ? tile.ahead_bytes / blocks : 0;
  const auto* ahead = static_cast<const char*>(look_ahead ? tile.ahead : tile.a);
  const bool in_registers =
      tile.finish != nullptr && tile.finish->activation == Activation::kNone &&
      tile.finish->columns == tile.vectors * static_cast<std::int64_t>(kLanes);
  std::int64_t row = 0;
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::int64_t end = tile.rows * (i + 1) / blocks;
    const auto index = static_cast<std::size_t>(end - row - 1);
    if (tile.finish != nullptr) PrefetchFinish(*tile.finish, row, end - row);
    const Block block = tile.vectors == 2 ? kTwo[index] : kOne[index];
    FinishTile finish;
    if (tile.finish != nullptr) finish = RowsOf(*tile.finish, row, end - row);
    block(tile.k, tile.a + row * kStride, tile.b, tile.c + row * tile.c_stride, tile.c_stride,
          tile.accumulate, ahead + i * share, share / tile.k, in_registers ? &finish : nullptr);
    if (tile.finish != nullptr && !in_registers) Finish(finish);
    row = end;
  }
}

void Multiply(const GemmTile& tile) { MultiplyRows<kRowStride>(tile); }
void MultiplyWinograd(const GemmTile& tile) { MultiplyRows<kWinogradBlockK>(tile); }

// REQUIRES: count is a multiple of the lanes
void Widen(const std::uint16_t* in, std::int64_t count, float* out) {
  const Lanes d;
  const hn::Rebind<hwy::float16_t, Lanes> half;
  const hn::RebindToUnsigned<decltype(half)> bits;
  for (std::int64_t i = 0; i < count; i += static_cast<std::int64_t>(kLanes)) {
    hn::StoreU(hn::PromoteTo(d, hn::BitCast(half, hn::LoadU(bits, in + i))), d, out + i);
  }
}

// REQUIRES: columns is a multiple of the lanes
void WidenEightBits(const std::int8_t* in, const float* scales, std::int64_t terms,
                    std::int64_t columns, float* out) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> whole;
  const hn::Rebind<std::int8_t, Lanes> bytes;
  for (std::int64_t c = 0; c < columns; c += static_cast<std::int64_t>(kLanes)) {
    const auto scale = hn::LoadU(d, scales + c);
    for (std::int64_t t = 0; t < terms; ++t) {
      const auto q = hn::PromoteTo(whole, hn::LoadU(bytes, in + t * columns + c));
      hn::StoreU(hn::Mul(hn::ConvertTo(d, q), scale), d, out + t * columns + c);
    }
  }
}

// The upper half of a float's bits, rounded to nearest even; a NaN stays one.
void NarrowBf16(const float* in, std::int64_t count, std::uint16_t* out) {
  const Lanes d;
  const hn::RebindToUnsigned<Lanes> bits;
  const hn::RebindToSigned<Lanes> whole;
  const hn::Rebind<std::uint16_t, Lanes> half;
  constexpr auto kStep = static_cast<std::int64_t>(kLanes);
  const auto rounded = [&](hn::Vec<Lanes> x) {
    const auto b = hn::BitCast(bits, x);
    const auto odd = hn::And(hn::ShiftRight<16>(b), hn::Set(bits, 1u));
    const auto up = hn::Add(b, hn::Add(odd, hn::Set(bits, 0x7fffu)));
    const auto kept = hn::IfThenElse(
        hn::IsNaN(x), hn::Set(d, std::numeric_limits<float>::quiet_NaN()), hn::BitCast(d, up));
    return hn::DemoteTo(half, hn::BitCast(whole, hn::ShiftRight<16>(hn::BitCast(bits, kept))));
  };
  std::int64_t i = 0;
  for (; i + kStep <= count; i += kStep) hn::StoreU(rounded(hn::LoadU(d, in + i)), half, out + i);
  if (i == count) return;
  HWY_ALIGN std::uint16_t last[kLanes];
  hn::Store(rounded(LoadUpTo(d, in + i, count - i)), half, last);
  std::copy_n(last, count - i, out + i);
}

double Chains(std::int64_t steps) {
  constexpr int kChains = 12;  // enough to fill two units of latency four, or five
  const Lanes d;
  const auto factor = hn::Set(d, 0.999999f), term = hn::Set(d, 1e-7f);
  hn::Vec<Lanes> x[kChains];
#pragma GCC unroll 24
  for (int i = 0; i < kChains; ++i) x[i] = hn::Set(d, static_cast<float>(i));
  for (std::int64_t step = 0; step < steps; ++step) {
#pragma GCC unroll 24
    for (int i = 0; i < kChains; ++i) x[i] = hn::MulAdd(x[i], factor, term);
  }
  auto total = x[0];
  for (int i = 1; i < kChains; ++i) total = hn::Add(total, x[i]);
  volatile float keep = hn::GetLane(hn::SumOfLanes(d, total));  // or the loop would be dropped
  (void)keep;
  return 2.0 * static_cast<double>(steps) * kChains * static_cast<double>(kLanes);
}

float Sum(const float* in, std::int64_t count) {
  constexpr std::int64_t kStep = static_cast<std::int64_t>(kLanes);
  const Lanes d;
  auto a = hn::Zero(d), b = a, c = a, e = a;
  for (std::int64_t i = 0; i + 4 * kStep <= count; i += 4 * kStep) {
    a = hn::Add(a, hn::LoadU(d, in + i));
    b = hn::Add(b, hn::LoadU(d, in + i + kStep));
    c = hn::Add(c, hn::LoadU(d, in + i + 2 * kStep));
    e = hn::Add(e, hn::LoadU(d, in + i + 3 * kStep));
  }
  volatile float keep = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e))));
  return keep;
}

GemmKernels MakeGemmKernels() {
  return {.lanes = static_cast<int>(kLanes),
          .multiply = &Multiply,
          .multiply_winograd = &MultiplyWinograd,
          .finish = &Finish,
          .widen = &Widen,
          .widen_eight_bits = &WidenEightBits,
          .narrow_bf16 = &NarrowBf16,
          .chains = &Chains,
          .sum = &Sum};
}

}  // namespace easel::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "backend/cpu/dispatch-inl.h"

namespace easel::cpu {
HWY_EXPORT(MakeGemmKernels);

GemmKernels gemm_kernels(std::int64_t target) {
  return entry_for(HWY_DISPATCH_TABLE(MakeGemmKernels), target)();
}

}  // namespace easel::cpu
#endif
