#pragma once

#include <cstdint>

// What operations are: the numbers that they are prepared with. Kernels include this and no more.

namespace easel {

enum class Activation {
  kNone,
  kSilu,       ///< x / (1 + exp(-x))
  kGelu,       ///< x * Phi(x), with the exact error function
  kGeglu,      ///< first half of the channels * gelu(second half): halves the channels
  kLeakyRelu,  ///< x < 0 ? 0.2 x : x
  kQuickGelu,  ///< x / (1 + exp(-1.702 x)), CLIP's gelu
  kRelu,       ///< max(x, 0)
};

/// How weights are kept in memory. Arithmetic is float32 either way.
enum class Precision { kF32, kF16 };

/// y = activation(x W^T + b), then scale * y + residual.
struct LinearSpec {
  std::int64_t in = 0;
  std::int64_t out = 0;  ///< rows of the weight (twice the channels of the result for kGeglu)
  Activation activation = Activation::kNone;
};

/// A two-dimensional convolution, kernel x kernel, zero padding.
struct Conv2dSpec {
  std::int64_t in = 0;
  std::int64_t out = 0;
  int kernel = 3;
  int stride = 1;
  int pad_before = 1;     ///< rows above and columns to the left
  int pad_after = 1;      ///< rows below and columns to the right
  bool upsample = false;  ///< enlarge x twice by nearest neighbour before convolving
  Activation activation = Activation::kNone;  ///< not kGeglu
};

/// Attention of sequences to themselves or to others, each to its own.
struct AttendSpec {
  int heads = 1;
  bool causal = false;  ///< query t attends to keys 0 to t only
};

/// Channels in `groups` groups, each normalised over one picture, then scale and shift by channel.
struct GroupNormSpec {
  int groups = 1;
  float eps = 1e-5f;
  Activation activation = Activation::kNone;  ///< kNone or kSilu
};

/// Each row normalised over its channels, then scale and shift by channel.
struct LayerNormSpec {
  float eps = 1e-5f;
};

}  // namespace easel
