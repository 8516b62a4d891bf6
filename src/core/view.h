#pragma once

#include <cassert>
#include <cstdint>

#include "core/shape.h"
#include "core/tensor.h"

namespace easel {

/// Borrows a tensor, or some of its channels: rows of `channels()` contiguous floats, `stride`
/// floats apart.
struct View {
  float* data = nullptr;
  Shape shape;
  std::int64_t stride = 0;

  View() = default;
  View(float* values, Shape sizes, std::int64_t row_stride)
      : data(values), shape(sizes), stride(row_stride) {}
  View(Tensor& tensor)  // NOLINT: a tensor is a view of itself
      : data(tensor.data()), shape(tensor.shape()), stride(tensor.channels()) {}

  std::int64_t channels() const { return shape.back(); }
  std::int64_t rows() const { return channels() == 0 ? 0 : shape.elements() / channels(); }
};

/// The same, to read from.
struct ConstView {
  const float* data = nullptr;
  Shape shape;
  std::int64_t stride = 0;

  ConstView() = default;
  ConstView(const float* values, Shape sizes, std::int64_t row_stride)
      : data(values), shape(sizes), stride(row_stride) {}
  ConstView(const Tensor& tensor)  // NOLINT
      : data(tensor.data()), shape(tensor.shape()), stride(tensor.channels()) {}
  ConstView(const View& view)
      : data(view.data), shape(view.shape), stride(view.stride) {}  // NOLINT

  std::int64_t channels() const { return shape.back(); }
  std::int64_t rows() const { return channels() == 0 ? 0 : shape.elements() / channels(); }
};

/// `shape` with another number of channels.
inline Shape with_channels(const Shape& shape, std::int64_t channels) {
  assert(shape.rank() > 0);
  std::int64_t dims[Shape::kMaxRank];
  for (int i = 0; i < shape.rank(); ++i) dims[i] = shape[i];
  dims[shape.rank() - 1] = channels;
  return Shape(std::span<const std::int64_t>(dims, static_cast<std::size_t>(shape.rank())));
}

/// Channels [first, first + count) of a tensor.
inline View channels_of(View view, std::int64_t first, std::int64_t count) {
  assert(first >= 0 && first + count <= view.channels());
  return {view.data + first, with_channels(view.shape, count), view.stride};
}
inline ConstView channels_of(ConstView view, std::int64_t first, std::int64_t count) {
  assert(first >= 0 && first + count <= view.channels());
  return {view.data + first, with_channels(view.shape, count), view.stride};
}

/// The height or width that a convolution gives.
inline std::int64_t conv_size(std::int64_t size, int kernel, int stride, int padding) {
  return (size + padding - kernel) / stride + 1;
}

}  // namespace easel
