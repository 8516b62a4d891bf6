#include "nn/linear.h"

namespace easel {
namespace {

std::unique_ptr<const LinearOp> prepare_linear(const Place& at, const Linear::Spec& spec) {
  const LinearSpec op{.in = spec.in, .out = spec.out, .activation = spec.activation};
  const TensorSource weight = at.scope.take("weight", {spec.out, spec.in});
  if (!spec.bias) return at.backend.linear(op, weight, nullptr);
  const TensorSource bias = at.scope.take("bias", {spec.out});
  return at.backend.linear(op, weight, &bias);
}

}  // namespace

Linear::Linear(const Place& at, const Spec& spec)
    : backend_(at.backend), op_(prepare_linear(at, spec)) {}

Linear::Linear(Backend& backend, const LinearSpec& spec, const TensorSource& weight,
               const TensorSource* bias)
    : backend_(backend), op_(backend.linear(spec, weight, bias)) {}

Tensor Linear::operator()(ConstView x, const Epilogue& epilogue) const {
  Tensor out(backend_.arena(), with_channels(x.shape, op_->out_channels()));
  op_->run(x, epilogue, out);
  return out;
}

void Linear::run(ConstView x, const Epilogue& epilogue, View out) const {
  op_->run(x, epilogue, out);
}

Tensor Linear::added_to(Tensor residual, ConstView x) const {
  if (residual.batch() != x.shape[0]) return (*this)(x, {.residual = residual});
  run(x, {.residual = residual}, residual);
  return residual;
}

}  // namespace easel
