#include "pipeline/diffusing/guided_unet.h"

#include <algorithm>
#include <utility>

#include "diffusion/denoiser.h"
#include "models/unet_operations.h"
#include "nn/tensor_ops.h"

namespace easel {
GuidedUNet::GuidedUNet(const Spec& spec, std::span<const float> timesteps)
    : spec_(spec),
      latent_size_(static_cast<std::size_t>(spec.channels) * static_cast<std::size_t>(spec.height) *
                   static_cast<std::size_t>(spec.width)),
      context_(spec.unet.prepare_context(spec.conditioning.sequence)),
      conditional_(static_cast<int>(spec.conditioning.sequence.batch()) - 1),
      time_(spec.unet.embed_timesteps(timesteps)) {
  for (const float timestep : timesteps) {
    time_rows_.emplace(timestep, static_cast<int>(time_rows_.size()));
  }
}

GuidedUNet::Time GuidedUNet::time_of(float timestep) {
  if (const auto it = time_rows_.find(timestep); it != time_rows_.end()) return {time_, it->second};
  auto it = more_times_.find(timestep);
  if (it == more_times_.end()) {
    it = more_times_.emplace(timestep, spec_.unet.embed_timesteps({&timestep, 1})).first;
  }
  return {it->second, 0};
}

void GuidedUNet::begin_step(int step) {
  step_ = step;
  if (step == 0) deep_.clear();
}

bool GuidedUNet::guiding() const {
  return conditional_ == 1 && spec_.interval.holds(step_, spec_.steps);
}

void GuidedUNet::operator()(std::span<const float> x, float timestep, std::span<float> out) {
  if (!guiding()) return evaluate(x, timestep, 1, out);
  pair_.resize(2 * x.size());
  evaluate(x, timestep, 2, pair_);
  guide(pair_, spec_.scale, out);
}

// One pass. Where guidance begins in the middle of a run, what was kept lacks a half and is
// computed anew; where it ends, the conditional half of what was kept goes on.
Tensor GuidedUNet::run(ConstView x, const UNetConditioning& conditioning, Deep& deep) {
  const auto pictures = x.shape[0];
  const auto results = static_cast<std::int64_t>(conditioning.context_of.size());
  const int halves = static_cast<int>(results / pictures);
  if (step_ % spec_.deep_every == 0 || deep.halves < halves) deep = {};
  if (deep.halves > halves) {
    deep.output = written_out(spec_.backend,
                              pictures_of(ConstView(deep.output), pictures, pictures), pictures);
  }
  const UNetPass pass{.pictures = static_cast<int>(pictures),
                      .halves = halves,
                      .height = spec_.height,
                      .width = spec_.width,
                      .tokens = static_cast<int>(spec_.conditioning.sequence.dim(1))};
  UNetPass exact = pass;
  exact.halves = conditional_ + 1;
  const UNetOperations operations = count_operations(spec_.unet.config(), pass);
  exact_ += count_operations(spec_.unet.config(), exact).all();
  const bool renewed = deep.halves == 0;
  computed_ += renewed ? operations.all() : operations.first_level;
  deep.halves = halves;
  if (spec_.deep_every == 1) return spec_.unet(x, conditioning);
  UNet::FirstLevel first = spec_.unet.first_level(x, conditioning);
  if (renewed) deep.output = spec_.unet.deep_levels(first, conditioning);
  return spec_.unet.finish(std::move(first), deep.output, conditioning);
}

void GuidedUNet::evaluate(std::span<const float> x, float timestep, int halves,
                          std::span<float> out) {
  const Time time = time_of(timestep);
  const std::size_t count = x.size() / latent_size_;
  const auto pass = static_cast<std::size_t>(spec_.pass);
  deep_.resize((count + pass - 1) / pass);
  for (std::size_t first = 0; first < count; first += pass) {
    if (spec_.cancel != nullptr) spec_.cancel->check();
    const std::size_t n = std::min(pass, count - first);
    const Tensor pictures =
        from_nchw(spec_.backend, x.subspan(first * latent_size_, n * latent_size_),
                  {static_cast<std::int64_t>(n), spec_.height, spec_.width, spec_.channels});
    const std::vector<int> rows(n, time.row);
    std::vector<int> context_of(static_cast<std::size_t>(halves) * n, conditional_);
    if (halves == 2) std::fill_n(context_of.begin(), n, 0);
    const Tensor result = run(
        pictures,
        {.time = time.embeddings, .time_rows = rows, .context = context_, .context_of = context_of},
        deep_[first / pass]);  // [halves * n, h, w, C]
    values_.resize(static_cast<std::size_t>(halves) * n * latent_size_);
    to_nchw(spec_.backend, result, values_);
    for (std::size_t half = 0; half < static_cast<std::size_t>(halves); ++half) {
      std::ranges::copy(std::span(values_).subspan(half * n * latent_size_, n * latent_size_),
                        out.subspan((half * count + first) * latent_size_).begin());
    }
  }
}

}  // namespace easel
