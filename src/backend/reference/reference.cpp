#include "backend/reference/reference.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>
#include <vector>

#include "backend/follow.h"
#include "backend/host_backend.h"

namespace easel {
namespace {

std::vector<float> read_all(const TensorSource& source) {
  std::vector<float> values(static_cast<std::size_t>(source.shape.elements()));
  source.read(0, values);
  return values;
}

std::vector<float> read_bias(const TensorSource* bias, std::int64_t size) {
  return bias != nullptr ? read_all(*bias) : std::vector<float>(static_cast<std::size_t>(size));
}

double gelu(double x) { return 0.5 * x * (1.0 + std::erf(x * std::sqrt(0.5))); }

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kSilu:
      return x / (1.0 + std::exp(-x));
    case Activation::kGelu:
      return gelu(x);
    case Activation::kLeakyRelu:
      return x < 0 ? 0.2 * x : x;
    case Activation::kQuickGelu:
      return x / (1.0 + std::exp(-1.702 * x));
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kGeglu:
      break;
  }
  assert(!"geglu is not element-wise");
  return x;
}

// One row of a result on its way to memory.
void finish_row(const std::vector<double>& sums, Activation activation, const Epilogue& epilogue,
                std::int64_t picture, std::int64_t row, View out) {
  const std::int64_t channels = out.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    double y = sums[static_cast<std::size_t>(c)];
    if (epilogue.per_picture) {
      const ConstView& rows = epilogue.per_picture->pictures;
      y += host(rows)[epilogue.per_picture->row(picture) * rows.stride + c];
    }
    y = activation == Activation::kGeglu ? y * gelu(sums[static_cast<std::size_t>(channels + c)])
                                         : activated(activation, y);
    y *= epilogue.scale;
    if (epilogue.residual) {
      const ConstView& pictures = epilogue.residual->pictures;
      y += host(pictures)[epilogue.residual->row(row) * pictures.stride + c];
    }
    host(out)[row * out.stride + c] = static_cast<float>(y);
  }
}

class ReferenceLinear final : public LinearOp {
 public:
  ReferenceLinear(const LinearSpec& spec, const TensorSource& weight, const TensorSource* bias)
      : spec_(spec), weight_(read_all(weight)), bias_(read_bias(bias, spec.out)) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    assert(x.channels() == spec_.in && out.channels() == out_channels() && x.rows() == out.rows());
    const std::int64_t rows_per_picture = x.rows() / x.shape[0];
    std::vector<double> sums(static_cast<std::size_t>(spec_.out));
    for (std::int64_t row = 0; row < x.rows(); ++row) {
      const float* in = host(x) + row * x.stride;
      for (std::int64_t n = 0; n < spec_.out; ++n) {
        double sum = bias_[static_cast<std::size_t>(n)];
        const float* w = weight_.data() + n * spec_.in;
        for (std::int64_t k = 0; k < spec_.in; ++k) sum += double{in[k]} * w[k];
        sums[static_cast<std::size_t>(n)] = sum;
      }
      finish_row(sums, spec_.activation, epilogue, row / rows_per_picture, row, out);
    }
  }

  std::int64_t out_channels() const override {
    return spec_.activation == Activation::kGeglu ? spec_.out / 2 : spec_.out;
  }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(weight_.size() * 4); }

 private:
  const LinearSpec spec_;
  const std::vector<float> weight_;
  const std::vector<float> bias_;
};

class ReferenceConv2d final : public Conv2dOp {
 public:
  ReferenceConv2d(const Conv2dSpec& spec, const TensorSource& weight, const TensorSource* bias)
      : spec_(spec), weight_(read_all(weight)), bias_(read_bias(bias, spec.out)) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    assert(x.channels() == spec_.in && out.channels() == spec_.out);
    std::vector<double> sums(static_cast<std::size_t>(spec_.out));
    std::int64_t row = 0;
    for (std::int64_t b = 0; b < out.shape[0]; ++b) {
      for (std::int64_t y = 0; y < out.shape[1]; ++y) {
        for (std::int64_t column = 0; column < out.shape[2]; ++column, ++row) {
          convolve_pixel(x, b, y, column, sums);
          finish_row(sums, spec_.activation, epilogue, b, row, out);
        }
      }
    }
  }

  const Conv2dSpec& spec() const override { return spec_; }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(weight_.size() * 4); }
  std::string algorithm(std::int64_t, std::int64_t) const override { return "plain"; }

 private:
  void convolve_pixel(ConstView x, std::int64_t b, std::int64_t y, std::int64_t column,
                      std::vector<double>& sums) const {
    const int zoom = spec_.upsample ? 2 : 1;
    const std::int64_t height = x.shape[1] * zoom, width = x.shape[2] * zoom;
    const std::int64_t taps = spec_.kernel * spec_.kernel;
    std::copy(bias_.begin(), bias_.end(), sums.begin());
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const std::int64_t iy = y * spec_.stride - spec_.pad_before + tap / spec_.kernel;
      const std::int64_t ix = column * spec_.stride - spec_.pad_before + tap % spec_.kernel;
      if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
      const std::int64_t pixel = (b * x.shape[1] + iy / zoom) * x.shape[2] + ix / zoom;
      const float* in = host(x) + pixel * x.stride;
      for (std::int64_t n = 0; n < spec_.out; ++n) {
        const float* w = weight_.data() + n * spec_.in * taps + tap;
        double sum = 0;
        for (std::int64_t c = 0; c < spec_.in; ++c) sum += double{in[c]} * w[c * taps];
        sums[static_cast<std::size_t>(n)] += sum;
      }
    }
  }

  const Conv2dSpec spec_;
  const std::vector<float> weight_;
  const std::vector<float> bias_;
};

class ReferenceKeyValues final : public KeyValues {
 public:
  ReferenceKeyValues(ConstView k, ConstView v, int head_count)
      : heads(head_count), channels(k.channels()), keys(dense(k)), values(dense(v)) {}
  std::int64_t length() const override { return static_cast<std::int64_t>(keys.size()) / channels; }

  const int heads;
  const std::int64_t channels;
  const std::vector<float> keys;
  const std::vector<float> values;

 private:
  static std::vector<float> dense(ConstView view) {
    std::vector<float> out;
    for (std::int64_t row = 0; row < view.rows(); ++row) {
      const float* begin = host(view) + row * view.stride;
      out.insert(out.end(), begin, begin + view.channels());
    }
    return out;
  }
};

// Calls `function(value, channel)` for every value and keeps what it gives.
template <typename Function>
void each(ConstView x, View out, const Function& function) {
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    for (std::int64_t c = 0; c < x.channels(); ++c) {
      host(out)[row * out.stride + c] = function(host(x)[row % x.rows() * x.stride + c], c);
    }
  }
}

std::pair<double, double> moments(const float* in, std::int64_t rows, std::int64_t width,
                                  std::int64_t stride, double eps) {
  const double count = static_cast<double>(rows * width);
  double sum = 0, squares = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t c = 0; c < width; ++c) sum += in[row * stride + c];
  }
  const double mean = sum / count;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t c = 0; c < width; ++c) {
      const double difference = in[row * stride + c] - mean;
      squares += difference * difference;
    }
  }
  return {mean, 1.0 / std::sqrt(squares / count + eps)};
}

class ReferenceGroupNorm final : public UnaryOp {
 public:
  ReferenceGroupNorm(const GroupNormSpec& spec, const TensorSource& gamma, const TensorSource& beta)
      : spec_(spec), gamma_(read_all(gamma)), beta_(read_all(beta)) {}

  void run(ConstView x, View out) const override {
    const std::int64_t pictures = x.shape[0], rows = x.rows() / pictures;
    const std::int64_t width = x.channels() / spec_.groups;
    for (std::int64_t b = 0; b < pictures; ++b) {
      for (std::int64_t g = 0; g < spec_.groups; ++g) {
        const float* in = host(x) + b * rows * x.stride + g * width;
        float* to = host(out) + b * rows * out.stride + g * width;
        const auto [mean, inverse] = moments(in, rows, width, x.stride, spec_.eps);
        for (std::int64_t row = 0; row < rows; ++row) {
          for (std::int64_t c = 0; c < width; ++c) {
            const auto channel = static_cast<std::size_t>(g * width + c);
            const double y =
                (in[row * x.stride + c] - mean) * inverse * gamma_[channel] + beta_[channel];
            to[row * out.stride + c] = static_cast<float>(activated(spec_.activation, y));
          }
        }
      }
    }
  }

 private:
  const GroupNormSpec spec_;
  const std::vector<float> gamma_, beta_;
};

class ReferenceLayerNorm final : public UnaryOp {
 public:
  ReferenceLayerNorm(const LayerNormSpec& spec, const TensorSource& gamma, const TensorSource& beta)
      : spec_(spec), gamma_(read_all(gamma)), beta_(read_all(beta)) {}

  void run(ConstView x, View out) const override {
    for (std::int64_t row = 0; row < x.rows(); ++row) {
      const float* in = host(x) + row * x.stride;
      const auto [mean, inverse] = moments(in, 1, x.channels(), 0, spec_.eps);
      for (std::int64_t c = 0; c < x.channels(); ++c) {
        const auto channel = static_cast<std::size_t>(c);
        host(out)[row * out.stride + c] =
            static_cast<float>((in[c] - mean) * inverse * gamma_[channel] + beta_[channel]);
      }
    }
  }

 private:
  const LayerNormSpec spec_;
  const std::vector<float> gamma_, beta_;
};

class ReferencePrelu final : public UnaryOp {
 public:
  explicit ReferencePrelu(const TensorSource& slope) : slope_(read_all(slope)) {}

  void run(ConstView x, View out) const override {
    each(x, out, [&](float v, std::int64_t c) {
      return v < 0 ? v * slope_[static_cast<std::size_t>(c)] : v;
    });
  }

 private:
  const std::vector<float> slope_;
};

class ReferenceBackend final : public HostBackend {
 public:
  ReferenceBackend(int threads, std::span<const int> cores) : HostBackend(threads, cores) {}

  BackendFacts facts() const override {
    return {.name = "reference", .target = "plain loops", .label = "reference plain loops"};
  }

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ReferenceLinear>(spec, weight, bias);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ReferenceConv2d>(spec, weight, bias);
  }
  std::unique_ptr<UnaryOp> group_norm(const GroupNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override {
    return std::make_unique<ReferenceGroupNorm>(spec, gamma, beta);
  }
  std::unique_ptr<UnaryOp> layer_norm(const LayerNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override {
    return std::make_unique<ReferenceLayerNorm>(spec, gamma, beta);
  }
  std::unique_ptr<UnaryOp> prelu(const TensorSource& slope) override {
    return std::make_unique<ReferencePrelu>(slope);
  }

  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override {
    return std::make_unique<ReferenceKeyValues>(k, v, heads);
  }

  void attend(Repeated q, std::span<const KeyValues* const> keys, View out) override {
    const std::int64_t rows = out.rows() / out.shape[0];
    for (std::int64_t row = 0; row < out.rows(); ++row) {
      const auto picture = static_cast<std::size_t>(row / rows);
      const auto& kv = dynamic_cast<const ReferenceKeyValues&>(*keys[picture]);
      attend_row(host(q.pictures) + q.row(row) * q.pictures.stride, kv, kv.length(),
                 host(out) + row * out.stride);
    }
  }

  void attend(ConstView q, ConstView k, ConstView v, const AttendSpec& spec, View out) override {
    const auto picture = [](ConstView x, std::int64_t i) {
      const std::int64_t rows = x.rows() / x.shape[0];
      return ConstView(x.address + i * rows * x.stride, {1, rows, x.channels()}, x.stride);
    };
    const std::int64_t rows = q.rows() / q.shape[0];
    for (std::int64_t i = 0; i < q.shape[0]; ++i) {
      const ReferenceKeyValues kv(picture(k, i), picture(v, i), spec.heads);
      for (std::int64_t t = 0; t < rows; ++t) {
        attend_row(host(q) + (i * rows + t) * q.stride, kv, spec.causal ? t + 1 : kv.length(),
                   host(out) + (i * rows + t) * out.stride);
      }
    }
  }

  void activate(Activation activation, ConstView x, View out) override {
    each(x, out,
         [&](float v, std::int64_t) { return static_cast<float>(activated(activation, v)); });
  }
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override {
    for (std::int64_t row = 0; row < x.rows(); ++row) {
      for (std::int64_t c = 0; c < x.channels(); ++c) {
        host(out)[row * out.stride + c] =
            scale * host(x)[row * x.stride + c] + host(residual)[row * residual.stride + c];
      }
    }
  }
  void copy(Repeated x, View out) override {
    each(x.pictures, out, [](float v, std::int64_t) { return v; });
  }
  void gather_rows(ConstView table, std::span<const int> rows, View out) override {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(host(table) + rows[i] * table.stride, table.channels(),
                  host(out) + static_cast<std::int64_t>(i) * out.stride);
    }
  }

  void pixel_shuffle(ConstView x, int factor, View out) override {
    each_shuffled(out.shape, factor,
                  [&](std::int64_t pixel, std::int64_t c, std::int64_t small_pixel,
                      std::int64_t small_channel) {
                    host(out)[pixel * out.stride + c] =
                        host(x)[small_pixel * x.stride + small_channel];
                  });
  }
  void pixel_unshuffle(ConstView x, int factor, View out) override {
    each_shuffled(x.shape, factor,
                  [&](std::int64_t pixel, std::int64_t c, std::int64_t small_pixel,
                      std::int64_t small_channel) {
                    host(out)[small_pixel * out.stride + small_channel] =
                        host(x)[pixel * x.stride + c];
                  });
  }
  void add_enlarged(ConstView x, int factor, View out) override {
    each_shuffled(out.shape, factor,
                  [&](std::int64_t pixel, std::int64_t c, std::int64_t small_pixel, std::int64_t) {
                    host(out)[pixel * out.stride + c] += host(x)[small_pixel * x.stride + c];
                  });
  }

 private:
  // Attention of one query to the first `seen` keys.
  static void attend_row(const float* q, const ReferenceKeyValues& kv, std::int64_t seen,
                         float* out) {
    const std::int64_t depth = kv.channels / kv.heads;
    std::vector<double> weights(static_cast<std::size_t>(seen));
    for (std::int64_t channel = 0; channel < kv.channels; channel += depth) {
      attention_weights(q + channel, kv.keys.data() + channel, kv.channels, depth, weights);
      for (std::int64_t c = channel; c < channel + depth; ++c) {
        double sum = 0;
        for (std::int64_t s = 0; s < seen; ++s) {
          sum += weights[static_cast<std::size_t>(s)] *
                 kv.values[static_cast<std::size_t>(s * kv.channels + c)];
        }
        out[c] = static_cast<float>(sum);
      }
    }
  }

  // weights = softmax(query . keys / sqrt(depth))
  static void attention_weights(const float* query, const float* keys, std::int64_t key_stride,
                                std::int64_t depth, std::vector<double>& weights) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(depth));
    double most = -1e300, total = 0;
    for (std::size_t s = 0; s < weights.size(); ++s) {
      const float* key = keys + static_cast<std::int64_t>(s) * key_stride;
      double dot = 0;
      for (std::int64_t d = 0; d < depth; ++d) dot += double{query[d]} * key[d];
      weights[s] = dot * scale;
      most = std::max(most, weights[s]);
    }
    for (double& w : weights) total += w = std::exp(w - most);
    for (double& w : weights) w /= total;
  }

  // Every value of an image [B, H, W, C]: its pixel and channel, and where it is when `factor` x
  // `factor` pixels are channels of one.
  template <typename Visit>
  static void each_shuffled(const Shape& image, std::int64_t factor, const Visit& visit) {
    const std::int64_t width = image[2], channels = image.back();
    for (std::int64_t pixel = 0; pixel < image[0] * image[1] * width; ++pixel) {
      const std::int64_t line = pixel / width, x = pixel % width;  // lines of all pictures
      const std::int64_t small_pixel = line / factor * (width / factor) + x / factor;
      for (std::int64_t c = 0; c < channels; ++c) {
        visit(pixel, c, small_pixel, (c * factor + line % factor) * factor + x % factor);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend(int threads, std::span<const int> cores) {
  return std::make_unique<ReferenceBackend>(threads, cores);
}

}  // namespace easel
