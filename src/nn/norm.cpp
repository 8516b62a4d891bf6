#include "nn/norm.h"

#include "core/error.h"

namespace easel {
namespace {

std::unique_ptr<const UnaryOp> prepare(const Place& at, const GroupNorm::Spec& spec) {
  if (spec.channels % spec.groups != 0) {
    fail(ErrorCode::kWrongModel,
         "the normalisation '{}' has {} channels, wanted a multiple of its {} groups",
         at.scope.path(), spec.channels, spec.groups);
  }
  const TensorSource gamma = at.scope.take("weight", {spec.channels});
  const TensorSource beta = at.scope.take("bias", {spec.channels});
  return at.backend.group_norm(
      {.groups = spec.groups, .eps = spec.eps, .activation = spec.activation}, gamma, beta);
}

std::unique_ptr<const UnaryOp> prepare(const Place& at, const LayerNorm::Spec& spec) {
  const TensorSource gamma = at.scope.take("weight", {spec.channels});
  const TensorSource beta = at.scope.take("bias", {spec.channels});
  return at.backend.layer_norm({.eps = spec.eps}, gamma, beta);
}

}  // namespace

GroupNorm::GroupNorm(const Place& at, const Spec& spec)
    : backend_(at.backend), op_(prepare(at, spec)) {}

Tensor GroupNorm::operator()(ConstView x) const {
  Tensor out(backend_.arena(), x.shape);
  op_->run(x, out);
  return out;
}

LayerNorm::LayerNorm(const Place& at, const Spec& spec)
    : backend_(at.backend), op_(prepare(at, spec)) {}

Tensor LayerNorm::operator()(ConstView x) const {
  Tensor out(backend_.arena(), x.shape);
  op_->run(x, out);
  return out;
}

Prelu::Prelu(const Place& at, std::int64_t channels)
    : op_(at.backend.prelu(at.scope.take("weight", {channels}))) {}

}  // namespace easel
