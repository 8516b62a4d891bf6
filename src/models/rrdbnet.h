#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nn/conv2d.h"
#include "nn/linear.h"

namespace easel {

struct RrdbNetConfig {
  std::int64_t features = 64;
  std::int64_t growth = 32;
  int blocks = 23;
  int upsamplings = 2;  ///< each doubles the size
  int unshuffle = 1;    ///< pixels of a side that become channels first: 1, 2 or 4
  int channels = 3;     ///< of a picture: 1, 3 or 4
  bool plus = false;    ///< ESRGAN+: a 1x1 convolution in each dense block

  std::int64_t in_channels() const { return std::int64_t{channels} * unshuffle * unshuffle; }
  /// Channels of the tensor that a dense block concatenates in.
  std::int64_t wide() const { return features + 4 * growth; }
  /// Input pixels to each side that an output pixel depends on.
  int receptive_radius() const;
};

/// Five convolutions, each of which sees the results of all before it (Wang et al. 2018, ESRGAN).
/// They are concatenated by writing each into its channels of one wide tensor. ESRGAN+
/// (Rakotonirina and Rasoanaivo 2020) adds a 1x1 convolution of x to the second result, and the
/// second result to the fourth; its noise is for training only.
class DenseBlock {
 public:
  DenseBlock(const Place& at, const RrdbNetConfig& config);

  /// x: the first `features` channels of `wide`, the rest of which is overwritten.
  /// out = x + 0.2 * conv5(all); not in `wide`.
  void run(View wide, View out) const;

 private:
  std::int64_t features_, growth_;
  std::vector<Conv2d> convolutions_;
  std::optional<Linear> plus_;
};

/// Residual in residual: three dense blocks, x + 0.2 * result.
class Rrdb {
 public:
  Rrdb(const Place& at, const RrdbNetConfig& config);

  /// Three wide tensors; x is the first `features` channels of `a` and becomes the result.
  void run(View a, View b, View c) const;

 private:
  Backend& backend_;
  std::int64_t features_;
  DenseBlock rdb1_, rdb2_, rdb3_;
};

/// ESRGAN's generator, in BasicSR's names: `conv_first`, `body.{i}.rdb{r}.conv{c}`, `conv_body`,
/// `conv_up{n}`, `conv_hr`, `conv_last`.
class RrdbNet {
 public:
  RrdbNet(const Place& at, const RrdbNetConfig& config);

  /// x [B, H, W, C] in [0, 1] -> [B, s * H, s * W, C], unclamped, s = 2^upsamplings / unshuffle.
  /// REQUIRES: H and W are multiples of `unshuffle`.
  Tensor operator()(ConstView x) const;

 private:
  Tensor run_body(const Tensor& features) const;

  Backend& backend_;
  RrdbNetConfig config_;
  Conv2d conv_first_;
  std::vector<Rrdb> body_;
  Conv2d conv_body_;
  std::vector<Conv2d> ups_;
  Conv2d conv_hr_, conv_last_;
};

}  // namespace easel
