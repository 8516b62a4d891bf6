#include "nn/tensor_ops.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace easel {
namespace {

Shape with_batch(const Shape& shape, std::int64_t batch) {
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  std::copy(shape.dims().begin(), shape.dims().end(), dims.begin());
  dims[0] = batch;
  return Shape(std::span<const std::int64_t>(dims.data(), shape.dims().size()));
}

void copy_repeated(Backend& backend, ConstView x, View out) {
  assert(out.shape[0] % x.shape[0] == 0);
  for (std::int64_t first = 0; first < out.shape[0]; first += x.shape[0]) {
    backend.copy(x, pictures_of(out, first, x.shape[0]));
  }
}

}  // namespace

ConstView as_tokens(ConstView image) {
  const std::int64_t batch = image.shape[0];
  return {image.data, {batch, image.rows() / batch, image.channels()}, image.stride};
}

ConstView pictures_of(ConstView x, std::int64_t first, std::int64_t count) {
  const std::int64_t rows = x.rows() / x.shape[0];
  return {x.data + first * rows * x.stride, with_batch(x.shape, count), x.stride};
}

View pictures_of(View x, std::int64_t first, std::int64_t count) {
  const std::int64_t rows = x.rows() / x.shape[0];
  return {x.data + first * rows * x.stride, with_batch(x.shape, count), x.stride};
}

Tensor concat_channels(Backend& backend, ConstView a, ConstView b) {
  const ConstView& larger = a.shape[0] >= b.shape[0] ? a : b;
  Tensor out(backend.arena(), with_channels(larger.shape, a.channels() + b.channels()));
  copy_repeated(backend, a, channels_of(View(out), 0, a.channels()));
  copy_repeated(backend, b, channels_of(View(out), a.channels(), b.channels()));
  return out;
}

Tensor repeat_batch(Backend& backend, ConstView x, std::int64_t times) {
  Tensor out(backend.arena(), with_batch(x.shape, times * x.shape[0]));
  copy_repeated(backend, x, out);
  return out;
}

Tensor pixel_unshuffle(Backend& backend, ConstView x, int factor) {
  const std::int64_t f = factor, height = x.shape[1] / f, width = x.shape[2] / f;
  const std::int64_t channels = x.channels();
  assert(height * f == x.shape[1] && width * f == x.shape[2]);
  Tensor out(backend.arena(), {x.shape[0], height, width, channels * f * f});
  backend.threads().parallel_for(x.shape[0] * height, [&](std::int64_t row) {
    float* to = out.data() + row * width * out.channels();
    for (std::int64_t i = 0; i < width; ++i) {
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t k = 0; k < f * f; ++k) {
          const std::int64_t pixel = (row * f + k / f) * width * f + i * f + k % f;
          *to++ = x.data[pixel * x.stride + c];
        }
      }
    }
  });
  return out;
}

Tensor pixel_shuffle(Backend& backend, ConstView x, int factor) {
  const std::int64_t f = factor, height = x.shape[1], width = x.shape[2];
  const std::int64_t channels = x.channels() / (f * f);
  assert(channels * f * f == x.channels());
  Tensor out(backend.arena(), {x.shape[0], height * f, width * f, channels});
  backend.threads().parallel_for(x.shape[0] * height, [&](std::int64_t row) {
    for (std::int64_t i = 0; i < width; ++i) {
      const float* from = x.data + (row * width + i) * x.stride;
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t k = 0; k < f * f; ++k) {
          const std::int64_t pixel = (row * f + k / f) * width * f + i * f + k % f;
          out.data()[pixel * channels + c] = *from++;
        }
      }
    }
  });
  return out;
}

Tensor from_nchw(Arena& arena, std::span<const float> values, const Shape& nhwc) {
  Tensor out(arena, nhwc);
  assert(static_cast<std::int64_t>(values.size()) == out.elements());
  const std::int64_t channels = nhwc[3], pixels = nhwc[1] * nhwc[2];
  const float* in = values.data();
  for (std::int64_t b = 0; b < nhwc[0]; ++b) {
    float* picture = out.data() + b * pixels * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < pixels; ++p) picture[p * channels + c] = *in++;
    }
  }
  return out;
}

void to_nchw(ConstView x, std::span<float> out) {
  const std::int64_t batch = x.shape[0], channels = x.channels(), pixels = x.rows() / batch;
  assert(static_cast<std::int64_t>(out.size()) == batch * channels * pixels);
  float* to = out.data();
  for (std::int64_t b = 0; b < batch; ++b) {
    const float* picture = x.data + b * pixels * x.stride;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < pixels; ++p) *to++ = picture[p * x.stride + c];
    }
  }
}

}  // namespace easel
