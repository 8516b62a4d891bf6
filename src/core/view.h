#pragma once

#include <cassert>
#include <cstdint>

#include "core/shape.h"
#include "core/tensor.h"

namespace easel {

/// Borrows a tensor, or some of its channels: rows of `channels()` contiguous floats, `stride`
/// floats apart, to be written by a backend's operations.
struct View {
  Address address;
  Shape shape;
  std::int64_t stride = 0;

  View() = default;
  View(Address begin, Shape sizes, std::int64_t row_stride)
      : address(begin), shape(sizes), stride(row_stride) {}
  View(Tensor& tensor)  // NOLINT: a tensor is a view of itself
      : address(tensor.address()), shape(tensor.shape()), stride(tensor.channels()) {}

  std::int64_t channels() const { return shape.back(); }
  std::int64_t rows() const { return channels() == 0 ? 0 : shape.elements() / channels(); }
};

/// The same, to read from.
struct ConstView {
  Address address;
  Shape shape;
  std::int64_t stride = 0;

  ConstView() = default;
  ConstView(Address begin, Shape sizes, std::int64_t row_stride)
      : address(begin), shape(sizes), stride(row_stride) {}
  ConstView(const Tensor& tensor)  // NOLINT
      : address(tensor.address()), shape(tensor.shape()), stride(tensor.channels()) {}
  ConstView(const View& view)
      : address(view.address), shape(view.shape), stride(view.stride) {}  // NOLINT

  std::int64_t channels() const { return shape.back(); }
  std::int64_t rows() const { return channels() == 0 ? 0 : shape.elements() / channels(); }
};

/// Pictures that stand for a larger batch: of R `pictures`, picture i of the batch is i % R. So the
/// halves of guidance share what is the same for both, and a whole batch one time embedding,
/// without a copy.
struct Repeated {
  ConstView pictures;

  Repeated(ConstView x) : pictures(x) {}      // NOLINT: a batch stands for itself
  Repeated(View x) : pictures(x) {}           // NOLINT
  Repeated(const Tensor& x) : pictures(x) {}  // NOLINT

  std::int64_t channels() const { return pictures.channels(); }
  std::int64_t batch() const { return pictures.shape[0]; }
  /// Which row of `pictures` is row `i` of the batch.
  std::int64_t row(std::int64_t i) const { return i % pictures.rows(); }
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
  return {view.address + first, with_channels(view.shape, count), view.stride};
}
inline ConstView channels_of(ConstView view, std::int64_t first, std::int64_t count) {
  assert(first >= 0 && first + count <= view.channels());
  return {view.address + first, with_channels(view.shape, count), view.stride};
}

/// The height or width that a convolution gives.
inline std::int64_t conv_size(std::int64_t size, int kernel, int stride, int padding) {
  return (size + padding - kernel) / stride + 1;
}

}  // namespace easel
