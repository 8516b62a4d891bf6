#include "core/tensor.h"

#include <cassert>
#include <cstddef>
#include <limits>
#include <utility>

#include "core/error.h"

namespace easel {

Tensor::Tensor(Arena& arena, Shape shape)
    : arena_(&arena), shape_(shape), elements_(shape.elements()) {
  if (elements_ > std::numeric_limits<std::ptrdiff_t>::max() / std::int64_t{sizeof(float)}) {
    fail(ErrorCode::kNoMemory, "out of memory: a tensor of {} values was asked for", elements_);
  }
  block_ = arena.allocate(static_cast<std::size_t>(elements_) * sizeof(float));
}

Tensor::Tensor(Tensor&& other) noexcept
    : arena_(std::exchange(other.arena_, nullptr)),
      block_(std::exchange(other.block_, nullptr)),
      shape_(other.shape_),
      elements_(std::exchange(other.elements_, 0)) {}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  std::swap(arena_, other.arena_);
  std::swap(block_, other.block_);
  std::swap(shape_, other.shape_);
  std::swap(elements_, other.elements_);
  return *this;
}

Tensor::~Tensor() {
  if (block_ != nullptr) arena_->release(block_);
}

Tensor Tensor::reshaped(Shape shape) && {
  assert(shape.elements() == elements_);
  shape_ = shape;
  return std::move(*this);
}

}  // namespace easel
