#include "nn/linear.h"

namespace easel {
namespace {

std::unique_ptr<const LinearOp> prepare(Backend& backend, const Scope& scope,
                                        const Linear::Spec& spec) {
  const LinearSpec op{.in = spec.in, .out = spec.out, .activation = spec.activation};
  const TensorSource weight = scope.take("weight", {spec.out, spec.in});
  if (!spec.bias) return backend.linear(op, weight, nullptr);
  const TensorSource bias = scope.take("bias", {spec.out});
  return backend.linear(op, weight, &bias);
}

}  // namespace

Linear::Linear(Backend& backend, const Scope& scope, const Spec& spec)
    : backend_(backend), op_(prepare(backend, scope, spec)) {}

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

}  // namespace easel
