#include "pipeline/diffusing/unet_operations.h"

#include <utility>
#include <vector>

#include "backend/dry/dry.h"
#include "weights/scope.h"

namespace easel {
namespace {

// A timestep, and whatever else the network joins to it.
TimeEmbeddings any_time(Backend& backend, const UNet& unet) {
  const UNetConfig& config = unet.config();
  const float timestep = 1;
  const std::vector<float> guidance(static_cast<std::size_t>(config.guidance_channels));
  UNetTimes times{.timesteps = {&timestep, 1}, .guidance = guidance};
  if (config.label_channels == 0) return unet.embed_timesteps(times);
  const Tensor labels(backend.arena(), {1, config.label_channels});
  times.labels = labels;
  return unet.embed_timesteps(times);
}

}  // namespace

UNetCounter::UNetCounter(const UNetConfig& config)
    : paper_(make_dry_backend()),
      watched_(make_profiling_backend(*paper_, profile_)),
      unet_({*watched_, Scope::imagined(0)}, config),
      time_(any_time(*watched_, unet_)) {}

const UNetOperations& UNetCounter::operator()(const UNetPass& pass) {
  const auto known = known_.find(pass);
  return known != known_.end() ? known->second : known_.emplace(pass, counted(pass)).first->second;
}

UNetOperations UNetCounter::counted(const UNetPass& pass) {
  const UNetConfig& config = unet_.config();
  const Tensor contexts(paper_->arena(), {pass.halves, pass.tokens, config.context_channels});
  const UNetContext context = unet_.prepare_context(contexts);
  const std::vector<int> rows(static_cast<std::size_t>(pass.pictures), 0);
  const std::vector<int> context_of(static_cast<std::size_t>(pass.halves * pass.pictures), 0);
  const UNetConditioning how{
      .time = time_, .time_rows = rows, .context = context, .context_of = context_of};
  const Tensor x(paper_->arena(), {pass.pictures, pass.height, pass.width, config.in_channels});

  UNetOperations operations;
  taken();  // what preparing took is no step's
  UNet::FirstLevel first = unet_.first_level(x, how);
  operations.first_level = taken();
  const Tensor deep = unet_.deep_levels(first, how);
  operations.deep_levels = taken();
  unet_.finish(std::move(first), deep, how);
  operations.first_level += taken();
  return operations;
}

// The operations since the last call.
double UNetCounter::taken() {
  double flops = 0;
  for (const auto& [name, entry] : profile_) flops += entry.flops;
  profile_.clear();
  return flops;
}

}  // namespace easel
