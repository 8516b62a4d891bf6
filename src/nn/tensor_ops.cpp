#include "nn/tensor_ops.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace easel {

Shape with_batch(const Shape& shape, std::int64_t batch) {
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  std::copy(shape.dims().begin(), shape.dims().end(), dims.begin());
  dims[0] = batch;
  return Shape(std::span<const std::int64_t>(dims.data(), shape.dims().size()));
}

ConstView as_tokens(ConstView image) {
  const std::int64_t batch = image.shape[0];
  return {image.address, {batch, image.rows() / batch, image.channels()}, image.stride};
}

ConstView pictures_of(ConstView x, std::int64_t first, std::int64_t count) {
  const std::int64_t rows = x.rows() / x.shape[0];
  return {x.address + first * rows * x.stride, with_batch(x.shape, count), x.stride};
}

View pictures_of(View x, std::int64_t first, std::int64_t count) {
  const std::int64_t rows = x.rows() / x.shape[0];
  return {x.address + first * rows * x.stride, with_batch(x.shape, count), x.stride};
}

Tensor concat_channels(Backend& backend, const Repeated& a, const Repeated& b) {
  const Shape shape = with_batch(a.pictures.shape, std::max(a.batch(), b.batch()));
  Tensor out(backend.arena(), with_channels(shape, a.channels() + b.channels()));
  backend.copy(a, channels_of(View(out), 0, a.channels()));
  backend.copy(b, channels_of(View(out), a.channels(), b.channels()));
  return out;
}

Tensor written_out(Backend& backend, const Repeated& x, std::int64_t batch) {
  assert(batch % x.batch() == 0);
  Tensor out(backend.arena(), with_batch(x.pictures.shape, batch));
  backend.copy(x, out);
  return out;
}

Tensor pixel_unshuffle(Backend& backend, ConstView x, int factor) {
  const std::int64_t f = factor;
  assert(x.shape[1] % f == 0 && x.shape[2] % f == 0);
  Tensor out(backend.arena(), {x.shape[0], x.shape[1] / f, x.shape[2] / f, x.channels() * f * f});
  backend.pixel_unshuffle(x, factor, out);
  return out;
}

Tensor pixel_shuffle(Backend& backend, ConstView x, int factor) {
  const std::int64_t f = factor;
  assert(x.channels() % (f * f) == 0);
  Tensor out(backend.arena(), {x.shape[0], x.shape[1] * f, x.shape[2] * f, x.channels() / (f * f)});
  backend.pixel_shuffle(x, factor, out);
  return out;
}

Tensor from_nchw(Backend& backend, std::span<const float> values, const Shape& nhwc) {
  Tensor out(backend.arena(), nhwc);
  backend.upload(values, Layout::kPlanes, out);
  return out;
}

void to_nchw(Backend& backend, ConstView x, std::span<float> out) {
  backend.download(x, Layout::kPlanes, out);
}

}  // namespace easel
