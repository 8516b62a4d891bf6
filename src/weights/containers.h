#pragma once

#include <string_view>

namespace easel {

/// What trainers' names for the parts of a checkpoint say of them, whichever way they spell them:
/// "params-ema", "generator_ema", "netG", "model_state_dict", "module".
enum class ContainerKind {
  kOther,     ///< optimisers, discriminators, losses, and whatever is not known
  kWeights,   ///< a network's weights
  kAveraged,  ///< the same, averaged over training: what a model is to be used with
};
struct Container {
  ContainerKind kind = ContainerKind::kOther;
  int place = 0;              ///< among names of one kind: the lower, the surer
  bool is_known_not = false;  ///< known to be no network that is used
};
Container container_named(std::string_view name);

/// Whether `a` is to be read rather than `b`.
bool better(const Container& a, const Container& b);

}  // namespace easel
