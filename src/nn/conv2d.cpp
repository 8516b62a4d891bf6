#include "nn/conv2d.h"

namespace easel {
namespace {

TensorSource take_weight(const Place& at, const Conv2dSpec& spec) {
  return at.scope.take("weight", {spec.out, spec.in, spec.kernel, spec.kernel});
}

std::unique_ptr<const Conv2dOp> prepare(const Place& at, const Conv2dSpec& spec) {
  const TensorSource weight = take_weight(at, spec);
  const TensorSource bias = at.scope.take("bias", {spec.out});
  return at.backend.conv2d(spec, weight, &bias);
}

}  // namespace

Conv2d::Conv2d(const Place& at, const Conv2dSpec& spec)
    : backend_(at.backend), op_(prepare(at, spec)) {}

Conv2d Conv2d::without_bias(const Place& at, const Conv2dSpec& spec) {
  return {at.backend, at.backend.conv2d(spec, take_weight(at, spec), nullptr)};
}

Tensor Conv2d::operator()(ConstView x, const Epilogue& epilogue) const {
  Tensor out(backend_.arena(), out_shape(x.shape));
  op_->run(x, epilogue, out);
  return out;
}

void Conv2d::run(ConstView x, const Epilogue& epilogue, View out) const {
  op_->run(x, epilogue, out);
}

Shape Conv2d::out_shape(const Shape& x) const {
  const Conv2dSpec& spec = op_->spec();
  const int zoom = spec.upsample ? 2 : 1;
  const int padding = spec.pad_before + spec.pad_after;
  return {x[0], conv_size(x[1] * zoom, spec.kernel, spec.stride, padding),
          conv_size(x[2] * zoom, spec.kernel, spec.stride, padding), spec.out};
}

}  // namespace easel
