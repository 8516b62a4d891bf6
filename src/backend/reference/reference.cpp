#include "backend/reference/reference.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

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
    if (epilogue.per_picture != nullptr) {
      y += epilogue.per_picture->data()[picture * channels + c];
    }
    y = activation == Activation::kGeglu ? y * gelu(sums[static_cast<std::size_t>(channels + c)])
                                         : activated(activation, y);
    y *= epilogue.scale;
    if (epilogue.residual) y += epilogue.residual->data[row * epilogue.residual->stride + c];
    out.data[row * out.stride + c] = static_cast<float>(y);
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
      const float* in = x.data + row * x.stride;
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
      const float* in = x.data + pixel * x.stride;
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
      : heads(head_count), shape(k.shape), keys(dense(k)), values(dense(v)) {}
  std::int64_t batch() const override { return shape[0]; }
  std::int64_t length() const override { return shape[1]; }

  const int heads;
  const Shape shape;
  const std::vector<float> keys;
  const std::vector<float> values;

 private:
  static std::vector<float> dense(ConstView view) {
    std::vector<float> out;
    for (std::int64_t row = 0; row < view.rows(); ++row) {
      const float* begin = view.data + row * view.stride;
      out.insert(out.end(), begin, begin + view.channels());
    }
    return out;
  }
};

class ReferenceBackend final : public Backend {
 public:
  ReferenceBackend(int threads, std::span<const int> cores) : Backend(threads, cores) {}

  std::string name() const override { return "reference"; }
  std::string target() const override { return "plain loops"; }

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ReferenceLinear>(spec, weight, bias);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ReferenceConv2d>(spec, weight, bias);
  }

  void group_norm(const GroupNormSpec& spec, ConstView x, const std::vector<float>& gamma,
                  const std::vector<float>& beta, View out) override {
    const std::int64_t pictures = x.shape[0], rows = x.rows() / pictures;
    const std::int64_t width = x.channels() / spec.groups;
    for (std::int64_t b = 0; b < pictures; ++b) {
      for (std::int64_t g = 0; g < spec.groups; ++g) {
        const float* in = x.data + b * rows * x.stride + g * width;
        float* to = out.data + b * rows * out.stride + g * width;
        const auto [mean, inverse] = moments(in, rows, width, x.stride, spec.eps);
        for (std::int64_t row = 0; row < rows; ++row) {
          for (std::int64_t c = 0; c < width; ++c) {
            const auto channel = static_cast<std::size_t>(g * width + c);
            const double y =
                (in[row * x.stride + c] - mean) * inverse * gamma[channel] + beta[channel];
            to[row * out.stride + c] = static_cast<float>(activated(spec.activation, y));
          }
        }
      }
    }
  }

  void layer_norm(float eps, ConstView x, const std::vector<float>& gamma,
                  const std::vector<float>& beta, View out) override {
    for (std::int64_t row = 0; row < x.rows(); ++row) {
      const float* in = x.data + row * x.stride;
      const auto [mean, inverse] = moments(in, 1, x.channels(), 0, eps);
      for (std::int64_t c = 0; c < x.channels(); ++c) {
        const auto channel = static_cast<std::size_t>(c);
        out.data[row * out.stride + c] =
            static_cast<float>((in[c] - mean) * inverse * gamma[channel] + beta[channel]);
      }
    }
  }

  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override {
    return std::make_unique<ReferenceKeyValues>(k, v, heads);
  }

  void attend(ConstView q, const KeyValues& prepared, View out) override {
    const auto& kv = dynamic_cast<const ReferenceKeyValues&>(prepared);
    const std::int64_t length = kv.shape[1], channels = kv.shape[2], depth = channels / kv.heads;
    const std::int64_t rows_per_picture = q.rows() / q.shape[0];
    std::vector<double> weights(static_cast<std::size_t>(length));
    for (std::int64_t row = 0; row < q.rows(); ++row) {
      const std::int64_t first = row / rows_per_picture * length * channels;
      for (std::int64_t h = 0; h < kv.heads; ++h) {
        const float* query = q.data + row * q.stride + h * depth;
        attention_weights(query, kv.keys.data() + first + h * depth, channels, depth, weights);
        const float* value = kv.values.data() + first + h * depth;
        for (std::int64_t d = 0; d < depth; ++d) {
          double sum = 0;
          for (std::int64_t s = 0; s < length; ++s) {
            sum += weights[static_cast<std::size_t>(s)] * value[s * channels + d];
          }
          out.data[row * out.stride + h * depth + d] = static_cast<float>(sum);
        }
      }
    }
  }

  void activate(Activation activation, ConstView x, View out) override {
    each(x, out,
         [&](float v, std::int64_t) { return static_cast<float>(activated(activation, v)); });
  }
  void prelu(ConstView x, const std::vector<float>& slope, View out) override {
    each(x, out, [&](float v, std::int64_t c) {
      return v < 0 ? v * slope[static_cast<std::size_t>(c)] : v;
    });
  }
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override {
    for (std::int64_t row = 0; row < x.rows(); ++row) {
      for (std::int64_t c = 0; c < x.channels(); ++c) {
        out.data[row * out.stride + c] =
            scale * x.data[row * x.stride + c] + residual.data[row * residual.stride + c];
      }
    }
  }
  void copy(ConstView x, View out) override {
    each(x, out, [](float v, std::int64_t) { return v; });
  }

 private:
  static std::pair<double, double> moments(const float* in, std::int64_t rows, std::int64_t width,
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

  template <typename Function>
  static void each(ConstView x, View out, Function function) {
    for (std::int64_t row = 0; row < x.rows(); ++row) {
      for (std::int64_t c = 0; c < x.channels(); ++c) {
        out.data[row * out.stride + c] = function(x.data[row * x.stride + c], c);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend(int threads, std::span<const int> cores) {
  return std::make_unique<ReferenceBackend>(threads, cores);
}

}  // namespace easel
