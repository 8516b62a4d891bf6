#pragma once

#include <cstdint>
#include <string>

#include "backend/specs.h"

// The kernels of the cpu backend: a table of function pointers for each instruction set, filled by
// the *_kernels.cpp files, which Highway compiles once per target. The drivers around them (gemm,
// winograd, attention, …) are plain C++ and the same for all targets.

namespace easel::cpu {

/// Rows of a left operand are stored this many floats apart, so that a kernel reaches all its rows
/// from one register with constant offsets. kBlockK values are used; the rest keeps rows off the
/// same cache sets.
constexpr std::int64_t kBlockK = 512;
constexpr std::int64_t kRowStride = kBlockK + 16;

/// The same for Winograd's transformed tiles, whose rows are dense.
constexpr std::int64_t kWinogradBlockK = 64;

/// Brings finished sums to memory: out = scale * activation(c + bias + per_picture) + residual.
struct FinishTile {
  std::int64_t rows;
  std::int64_t columns;  ///< of the result; for kGeglu half of those of c
  const float* c;
  std::int64_t c_stride;
  const float* bias;         ///< [columns of c], never null
  const float* per_picture;  ///< [columns] or null
  Activation activation;
  float scale;
  const float* residual;  ///< or null
  std::int64_t residual_stride;
  float* out;
  std::int64_t out_stride;
};

/// c [rows, columns] (+)= a [rows, k] * b [k, columns]
struct GemmTile {
  std::int64_t rows;
  std::int64_t k;
  const float* a;  ///< rows kRowStride (or kWinogradBlockK) floats apart
  const float* b;  ///< one packed panel: [k, columns], dense
  int vectors;     ///< columns / lanes: 1 or 2
  float* c;
  std::int64_t c_stride;
  bool accumulate;  ///< add to what c holds
  /// Memory that is needed next (the following panel): brought towards the cache meanwhile, so that
  /// the stream of weights and the arithmetic overlap. May be null.
  const void* ahead = nullptr;
  std::int64_t ahead_bytes = 0;
  /// Where not null, each block of rows is finished as soon as its sums are complete: the writes to
  /// memory then hide behind the arithmetic of the next block. Its `c` is this tile's.
  const FinishTile* finish = nullptr;
};

struct GemmKernels {
  int lanes;                                   ///< floats in a vector
  void (*multiply)(const GemmTile&);           ///< a's rows are kRowStride apart
  void (*multiply_winograd)(const GemmTile&);  ///< a's rows are kWinogradBlockK apart
  void (*finish)(const FinishTile&);
  /// half -> float
  void (*widen)(const std::uint16_t* in, std::int64_t count, float* out);
  /// 8-bit whole numbers [terms, columns] times their columns' scales -> float
  void (*widen_eight_bits)(const std::int8_t* in, const float* scales, std::int64_t terms,
                           std::int64_t columns, float* out);
  /// float -> bfloat16, round to nearest even; any count.
  void (*narrow_bf16)(const float* in, std::int64_t count, std::uint16_t* out);
  /// For measuring the machine: runs chains of independent multiply-adds in registers and returns
  /// how many floating-point operations that was; sums `count` floats, a multiple of 64.
  double (*chains)(std::int64_t steps);
  float (*sum)(const float* in, std::int64_t count);
};

/// Elements of a panel's weight rows on the way to their place in the panel. The rows of a
/// convolution lie channel by channel, its sums run tap by tap: element e is term (e % taps) *
/// channels + e / taps.
struct PackTile {
  /// Elements [first, first + count) of each of the panel's columns, `row_stride` floats apart. Up
  /// to three floats after the last are loaded too.
  const float* rows;
  std::int64_t row_stride;
  std::int64_t first;
  std::int64_t count;
  std::int64_t taps;
  std::int64_t channels;
  int vectors;  ///< columns / lanes: 1 or 2
  Precision precision;
  void* panel;  ///< [taps * channels, columns], rounded to nearest even where it is float16
};

using PackKernel = void (*)(const PackTile&);

struct NormKernels {
  /// sums and squares [channels] of x [rows, channels].
  void (*channel_moments)(const float* x, std::int64_t rows, std::int64_t stride,
                          std::int64_t channels, float* sums, float* squares);
  /// out = activation(x * scale[c] + shift[c])
  void (*affine)(const float* x, std::int64_t rows, std::int64_t stride, std::int64_t channels,
                 const float* scale, const float* shift, Activation activation, float* out,
                 std::int64_t out_stride);
  void (*layer_norm)(float eps, const float* x, std::int64_t rows, std::int64_t stride,
                     std::int64_t channels, const float* gamma, const float* beta, float* out,
                     std::int64_t out_stride);
  void (*activate)(Activation activation, const float* x, std::int64_t count, float* out);
  /// The weights of `rows` queries over `length` keys, in blocks of kBlockK keys [block][row][key]:
  /// exp(scale * (x - most)) with the row's highest, most[row]; sums[row] gets their sum.
  void (*softmax)(float* scores, std::int64_t rows, std::int64_t block_stride, std::int64_t length,
                  float scale, float* most, float* sums);
  /// out = x * factor
  void (*scale)(const float* x, std::int64_t count, float factor, float* out);
  /// out = scale * x + residual
  void (*add_scaled)(const float* x, float scale, const float* residual, std::int64_t count,
                     float* out);
};

/// One m x m tile of outputs of a 3x3 convolution: (m + 2)^2 inputs, as many products per pair of
/// channels ("points"). m is WinogradKernels::tile.
struct WinogradInput {
  const float* const* pixels;  ///< [points], each at the first channel
  std::int64_t channels;       ///< at most kWinogradBlockK
  float* out;                  ///< [points][...][channels]
  std::int64_t point_stride;
};

struct WinogradOutput {
  const float* m;  ///< [points][...][columns of the panel]
  std::int64_t point_stride;
  int vectors;
  float* out;  ///< [m * m][columns of the panel]
};

struct WinogradKernels {
  int tile;  ///< m
  void (*transform_input)(const WinogradInput&);
  /// nine taps of [k][columns], `tap_stride` floats apart -> out [points][k][columns], `vectors` a
  /// row
  void (*transform_weights)(const float* weights, std::int64_t tap_stride, std::int64_t k,
                            int vectors, float* out, std::int64_t point_stride);
  void (*transform_output)(const WinogradOutput&);
};

struct Kernels {
  std::string target;
  GemmKernels gemm;
  PackKernel pack;
  NormKernels norm;
  WinogradKernels winograd2, winograd4;  ///< F(2x2, 3x3) and F(4x4, 3x3)

  /// Columns of a packed panel.
  std::int64_t panel() const { return 2 * gemm.lanes; }
};

/// The kernels of the best target this processor runs, or of `target`.
/// Throws kUsage for a target that it does not run.
Kernels kernels_for(const std::string& target);

// Defined in the *_kernels.cpp files; `target` is one of Highway's target bits.
GemmKernels gemm_kernels(std::int64_t target);
PackKernel pack_kernel(std::int64_t target);
NormKernels norm_kernels(std::int64_t target);
WinogradKernels winograd_kernels(std::int64_t target, int tile);

}  // namespace easel::cpu
