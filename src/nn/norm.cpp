#include "nn/norm.h"

#include "core/error.h"
#include "nn/parameters.h"

namespace easel {
namespace {

constexpr int kGroups = 32;

GroupNormSpec checked(const Scope& scope, const GroupNorm::Spec& spec) {
  if (spec.channels % kGroups != 0) {
    fail(ErrorCode::kWrongModel,
         "the normalisation '{}' has {} channels, wanted a multiple of its {} groups", scope.path(),
         spec.channels, kGroups);
  }
  return {.groups = kGroups, .eps = spec.eps, .activation = spec.activation};
}

}  // namespace

GroupNorm::GroupNorm(Backend& backend, const Scope& scope, const Spec& spec)
    : backend_(backend),
      spec_(checked(scope, spec)),
      gamma_(take_vector(scope, "weight", spec.channels)),
      beta_(take_vector(scope, "bias", spec.channels)) {}

Tensor GroupNorm::operator()(ConstView x) const {
  Tensor out(backend_.arena(), x.shape);
  backend_.group_norm(spec_, x, gamma_, beta_, out);
  return out;
}

void GroupNorm::in_place(View x) const { backend_.group_norm(spec_, x, gamma_, beta_, x); }

LayerNorm::LayerNorm(Backend& backend, const Scope& scope, std::int64_t channels)
    : backend_(backend),
      gamma_(take_vector(scope, "weight", channels)),
      beta_(take_vector(scope, "bias", channels)) {}

Tensor LayerNorm::operator()(ConstView x) const {
  Tensor out(backend_.arena(), x.shape);
  backend_.layer_norm(1e-5f, x, gamma_, beta_, out);
  return out;
}

}  // namespace easel
