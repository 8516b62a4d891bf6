#include "backend/cpu/norm.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "backend/cpu/rows.h"
#include "backend/follow.h"

namespace easel::cpu {
namespace {

std::vector<float> read_all(const TensorSource& source) {
  std::vector<float> values(static_cast<std::size_t>(source.shape.elements()));
  source.read(0, values);
  return values;
}

class GroupNorm final : public UnaryOp {
 public:
  GroupNorm(const Context& context, const GroupNormSpec& spec, const TensorSource& gamma,
            const TensorSource& beta)
      : context_(context), spec_(spec), gamma_(read_all(gamma)), beta_(read_all(beta)) {}

  void run(ConstView x, View out) const override {
    assert(x.channels() % spec_.groups == 0);
    const std::int64_t pictures = x.shape[0], channels = x.channels();
    const std::int64_t rows = x.rows() / pictures, chunks = ceil_div(rows, kTaskRows);
    const Temporary memory(*context_.arena, pictures * (chunks + 1) * 2 * channels);
    float* sums = memory.data();                               // [picture][chunk][2][channels]
    float* factors = sums + pictures * chunks * 2 * channels;  // [picture][2][channels]

    const auto chunk_of = [&](std::int64_t task) {
      const std::int64_t first = task % chunks * kTaskRows;
      return std::pair(task / chunks * rows + first, std::min(kTaskRows, rows - first));
    };
    context_.threads->parallel_for(pictures * chunks, [&](std::int64_t task) {
      const auto [row, count] = chunk_of(task);
      float* to = sums + task * 2 * channels;
      context_.kernels.norm.channel_moments(host(x) + row * x.stride, count, x.stride, channels, to,
                                            to + channels);
    });
    for (std::int64_t b = 0; b < pictures; ++b) {
      float* scale = factors + b * 2 * channels;
      fold_moments(sums + b * chunks * 2 * channels, chunks, rows, channels, scale,
                   scale + channels);
    }
    context_.threads->parallel_for(pictures * chunks, [&](std::int64_t task) {
      const auto [row, count] = chunk_of(task);
      const float* scale = factors + task / chunks * 2 * channels;
      context_.kernels.norm.affine(host(x) + row * x.stride, count, x.stride, channels, scale,
                                   scale + channels, spec_.activation, host(out) + row * out.stride,
                                   out.stride);
    });
  }

 private:
  // Turns the sums of a picture's chunks into the factor and offset of each channel.
  void fold_moments(const float* sums, std::int64_t chunks, std::int64_t rows,
                    std::int64_t channels, float* scale, float* shift) const {
    const std::int64_t width = channels / spec_.groups;
    const double count = static_cast<double>(rows * width);
    for (std::int64_t g = 0; g < spec_.groups; ++g) {
      double sum = 0, squares = 0;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        const float* of_chunk = sums + chunk * 2 * channels;
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
          sum += of_chunk[c];
          squares += of_chunk[channels + c];
        }
      }
      const double mean = sum / count;
      const double variance = std::max(0.0, squares / count - mean * mean);
      const double inverse = 1.0 / std::sqrt(variance + static_cast<double>(spec_.eps));
      for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
        const auto i = static_cast<std::size_t>(c);
        scale[c] = static_cast<float>(gamma_[i] * inverse);
        shift[c] = static_cast<float>(beta_[i] - mean * gamma_[i] * inverse);
      }
    }
  }

  const Context& context_;
  const GroupNormSpec spec_;
  const std::vector<float> gamma_, beta_;
};

class LayerNorm final : public UnaryOp {
 public:
  LayerNorm(const Context& context, const LayerNormSpec& spec, const TensorSource& gamma,
            const TensorSource& beta)
      : context_(context), spec_(spec), gamma_(read_all(gamma)), beta_(read_all(beta)) {}

  void run(ConstView x, View out) const override {
    each_rows(context_, x.rows(), [&](std::int64_t row, std::int64_t rows) {
      context_.kernels.norm.layer_norm(spec_.eps, host(x) + row * x.stride, rows, x.stride,
                                       x.channels(), gamma_.data(), beta_.data(),
                                       host(out) + row * out.stride, out.stride);
    });
  }

 private:
  const Context& context_;
  const LayerNormSpec spec_;
  const std::vector<float> gamma_, beta_;
};

class Prelu final : public UnaryOp {
 public:
  Prelu(const Context& context, const TensorSource& slope)
      : context_(context), slope_(read_all(slope)) {}

  void run(ConstView x, View out) const override {
    each_row(context_, x.rows(), [&](std::int64_t row) {
      const float* in = host(x) + row * x.stride;
      float* to = host(out) + row * out.stride;
      for (std::int64_t c = 0; c < x.channels(); ++c) {
        to[c] = std::max(in[c], 0.0f) + slope_[static_cast<std::size_t>(c)] * std::min(in[c], 0.0f);
      }
    });
  }

 private:
  const Context& context_;
  const std::vector<float> slope_;
};

}  // namespace

std::unique_ptr<UnaryOp> make_group_norm(const Context& context, const GroupNormSpec& spec,
                                         const TensorSource& gamma, const TensorSource& beta) {
  return std::make_unique<GroupNorm>(context, spec, gamma, beta);
}

std::unique_ptr<UnaryOp> make_layer_norm(const Context& context, const LayerNormSpec& spec,
                                         const TensorSource& gamma, const TensorSource& beta) {
  return std::make_unique<LayerNorm>(context, spec, gamma, beta);
}

std::unique_ptr<UnaryOp> make_prelu(const Context& context, const TensorSource& slope) {
  return std::make_unique<Prelu>(context, slope);
}

}  // namespace easel::cpu
