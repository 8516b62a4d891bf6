#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "nn/linear.h"

namespace easel {

/// The names of an attention's four projections, which differ from network to network.
struct AttentionNames {
  std::string_view q, k, v, out;
};

struct AttentionSpec {
  std::int64_t channels = 0;
  std::int64_t inner = 0;  ///< heads * size of a head
  int heads = 1;
  bool qkv_bias = false;
  bool causal = false;  ///< each position attends to itself and those before it
  AttentionNames names;
};

/// Attention (Vaswani et al. 2017) of a sequence to itself. Queries, keys and values come from one
/// product with the three weights put together, so x is read once.
class SelfAttention {
 public:
  SelfAttention(const Place& at, const AttentionSpec& spec);

  /// residual + to_out(softmax(q k^T / sqrt(D)) v). x and residual [B, T, channels].
  Tensor operator()(ConstView x, ConstView residual) const;
  /// The same into `out`, which may be the residual.
  void run(ConstView x, ConstView residual, View out) const;

 private:
  Backend& backend_;
  std::int64_t inner_;
  AttendSpec attend_;
  Linear qkv_;
  Linear out_;
};

/// The keys and values of some contexts, one entry a context.
using ContextKeys = std::vector<std::unique_ptr<KeyValues>>;

/// Attention of a sequence to another one, whose keys and values are made once and used many times.
class CrossAttention {
 public:
  CrossAttention(const Place& at, const AttentionSpec& spec, std::int64_t context_channels);

  /// contexts [K, S, context_channels] -> K entries.
  ContextKeys prepare(ConstView contexts) const;

  /// x [B, T, channels] + to_out(attention of norm_x to its context). Picture i of the result
  /// attends to context_of[i]; where there are more entries than pictures, x stands for all of them
  /// (Repeated).
  Tensor operator()(Tensor x, ConstView norm_x, const ContextKeys& keys,
                    std::span<const int> context_of) const;

 private:
  Backend& backend_;
  std::int64_t inner_;
  int heads_;
  Linear q_, k_, v_;
  Linear out_;
};

}  // namespace easel
