#include <algorithm>

#include "backend/cpu/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/pack_kernels.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace easel::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Lanes()));
constexpr int kTerms = 4;  // of a row that are loaded together: a block of 128 bits

// Four floats of each of the rows row, row + step, row + 2 step, …: as many as fill a vector.
template <class D>
HWY_INLINE hn::Vec<D> LoadBlocks(D d, const float* row, std::int64_t step) {
  if constexpr (hn::MaxLanes(D()) == kTerms) {
    return hn::LoadU(d, row);
  } else {
    const hn::Half<D> half;
    constexpr auto kRows = static_cast<std::int64_t>(hn::MaxLanes(half)) / kTerms;
    const auto low = LoadBlocks(half, row, step);
    return hn::Combine(d, LoadBlocks(half, row + kRows * step, step), low);
  }
}

// out[i]: the i-th of four terms of kLanes rows. Four vectors of blocks are transposed within their
// blocks; loaded a quarter of the rows apart they come out in the rows' order.
HWY_INLINE void TransposeTerms(const float* rows, std::int64_t stride, hn::Vec<Lanes>* out) {
  const Lanes d;
  const hn::Repartition<double, Lanes> pairs;
  static_assert(kLanes % kTerms == 0);
  const auto a = LoadBlocks(d, rows, kTerms * stride);
  const auto b = LoadBlocks(d, rows + stride, kTerms * stride);
  const auto c = LoadBlocks(d, rows + 2 * stride, kTerms * stride);
  const auto e = LoadBlocks(d, rows + 3 * stride, kTerms * stride);
  const auto ab0 = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));  // a0 b0 a1 b1 of each block
  const auto ab2 = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto ce0 = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ce2 = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  out[0] = hn::BitCast(d, hn::InterleaveLower(pairs, ab0, ce0));
  out[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, ab0, ce0));
  out[2] = hn::BitCast(d, hn::InterleaveLower(pairs, ab2, ce2));
  out[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, ab2, ce2));
}

HWY_INLINE void StoreTerms(hn::Vec<Lanes> terms, float* out) { hn::StoreU(terms, Lanes(), out); }

HWY_INLINE void StoreTerms(hn::Vec<Lanes> terms, std::uint16_t* out) {
  const hn::Rebind<hwy::float16_t, Lanes> half;
  const hn::RebindToUnsigned<decltype(half)> bits;
  hn::StoreU(hn::BitCast(bits, hn::DemoteTo(half, terms)), bits, out);
}

template <int kVectors, typename Element>
void PackTerms(const PackTile& tile, Element* panel) {
  constexpr std::int64_t kColumns = kVectors * kLanes;
  std::int64_t tap = tile.first % tile.taps, channel = tile.first / tile.taps;
  for (std::int64_t i = 0; i < tile.count; i += kTerms) {
    hn::Vec<Lanes> terms[kVectors][kTerms];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      TransposeTerms(tile.rows + i + v * kLanes * tile.row_stride, tile.row_stride, terms[v]);
    }
    const int count = static_cast<int>(std::min<std::int64_t>(kTerms, tile.count - i));
#pragma GCC unroll 4
    for (int t = 0; t < kTerms; ++t) {
      if (t == count) break;
      Element* to = panel + (tap * tile.channels + channel) * kColumns;
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) StoreTerms(terms[v][t], to + v * kLanes);
      if (++tap == tile.taps) {
        tap = 0;
        ++channel;
      }
    }
  }
}

template <typename Element>
void PackAs(const PackTile& tile) {
  auto* panel = static_cast<Element*>(tile.panel);
  tile.vectors == 2 ? PackTerms<2>(tile, panel) : PackTerms<1>(tile, panel);
}

void Pack(const PackTile& tile) {
  tile.precision == Precision::kF16 ? PackAs<std::uint16_t>(tile) : PackAs<float>(tile);
}

PackKernel MakePackKernel() { return &Pack; }

}  // namespace easel::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "backend/cpu/dispatch-inl.h"

namespace easel::cpu {
HWY_EXPORT(MakePackKernel);

PackKernel pack_kernel(std::int64_t target) {
  return entry_for(HWY_DISPATCH_TABLE(MakePackKernel), target)();
}

}  // namespace easel::cpu
#endif
