#include "nn/conv2d.h"

#include "nn/tensor_ops.h"

namespace easel {
namespace {

TensorSource take_weight(const Place& at, const Conv2dSpec& spec) {
  return at.scope.take("weight", {spec.out, spec.in, spec.kernel, spec.kernel});
}

std::unique_ptr<const Conv2dOp> prepare_conv(const Place& at, const Conv2dSpec& spec) {
  const TensorSource weight = take_weight(at, spec);
  const TensorSource bias = at.scope.take("bias", {spec.out});
  return at.backend.conv2d(spec, weight, &bias);
}

}  // namespace

Conv2d::Conv2d(const Place& at, const Conv2dSpec& spec) : Conv2d(at, prepare_conv(at, spec)) {}

Conv2d Conv2d::without_bias(const Place& at, const Conv2dSpec& spec) {
  return {at, at.backend.conv2d(spec, take_weight(at, spec), nullptr)};
}

Tensor Conv2d::operator()(ConstView x, const Epilogue& epilogue) const {
  Tensor out(backend_.arena(), out_shape(x.shape));
  run(x, epilogue, out);
  return out;
}

void Conv2d::run(ConstView x, const Epilogue& epilogue, View out) const {
  const bool wrapped = edges_ != nullptr && edges_->wrap() && op_->spec().kernel > 1;
  if (wrapped) return run_wrapped(x, epilogue, out);
  op_->run(x, epilogue, out);
}

// The margin is as wide as the kernel reaches, and a whole number of strides, so that the result
// lies in the middle of what the wider input gives.
void Conv2d::run_wrapped(ConstView x, const Epilogue& epilogue, View out) const {
  const Conv2dSpec& spec = op_->spec();
  const std::int64_t reach = spec.stride * ((spec.kernel / 2 + spec.stride - 1) / spec.stride);
  const Margin in{.x = edges_->wrap_x ? reach : 0, .y = edges_->wrap_y ? reach : 0};
  const std::int64_t zoom = spec.upsample ? 2 : 1;
  const Tensor wide = with_margin(backend_, x, in);
  Epilogue without = epilogue;
  without.residual.reset();
  Tensor result(backend_.arena(), out_shape(wide.shape()));
  op_->run(wide, without, result);
  const Tensor middle = with_margin(
      backend_, result, {.x = -in.x * zoom / spec.stride, .y = -in.y * zoom / spec.stride});
  if (!epilogue.residual) return backend_.copy(middle, out);
  const std::int64_t batch = middle.shape()[0];
  if (epilogue.residual->batch() == batch) {
    return backend_.add_scaled(middle, 1.0f, epilogue.residual->pictures, out);
  }
  backend_.add_scaled(middle, 1.0f, written_out(backend_, *epilogue.residual, batch), out);
}

Shape Conv2d::out_shape(const Shape& x) const {
  const Conv2dSpec& spec = op_->spec();
  const int zoom = spec.upsample ? 2 : 1;
  const int padding = spec.pad_before + spec.pad_after;
  return {x[0], conv_size(x[1] * zoom, spec.kernel, spec.stride, padding),
          conv_size(x[2] * zoom, spec.kernel, spec.stride, padding), spec.out};
}

}  // namespace easel
