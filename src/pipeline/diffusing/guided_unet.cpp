#include "pipeline/diffusing/guided_unet.h"

#include <algorithm>
#include <utility>

#include "diffusion/guidance.h"
#include "nn/tensor_ops.h"

namespace easel {
namespace {

// The keys and values of all contexts, whatever their lengths.
UNetContext prepare_contexts(const UNet& unet, std::span<const Conditioning> contexts) {
  UNetContext all;
  for (const Conditioning& one : contexts) {
    UNetContext prepared = unet.prepare_context(one.sequence);
    all.layers.resize(prepared.layers.size());
    for (std::size_t i = 0; i < prepared.layers.size(); ++i) {
      std::ranges::move(prepared.layers[i], std::back_inserter(all.layers[i]));
    }
  }
  return all;
}

// [contexts, channels]; empty where the network is told no vector.
Tensor join_vectors(Backend& backend, std::span<const Conditioning> contexts) {
  if (contexts.front().vector.empty()) return {};
  Tensor joined(backend.arena(), {std::ssize(contexts), contexts.front().vector.channels()});
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    backend.copy(contexts[i].vector, pictures_of(View(joined), static_cast<std::int64_t>(i), 1));
  }
  return joined;
}

// The contexts that lead a step, the one to move away from first.
std::vector<int> contexts_of(const Told::Step& step) {
  std::vector<int> contexts;
  if (step.negative) contexts.push_back(*step.negative);
  for (const Told::Part& part : step.parts) contexts.push_back(part.context);
  return contexts;
}

}  // namespace

GuidedUNet::GuidedUNet(const Spec& spec, std::span<const float> timesteps)
    : spec_(spec),
      latent_size_(static_cast<std::size_t>(spec.channels) * static_cast<std::size_t>(spec.height) *
                   static_cast<std::size_t>(spec.width)),
      context_(prepare_contexts(spec.unet, spec.told.contexts)),
      labels_(join_vectors(spec.backend, spec.told.contexts)),
      time_(embed(timesteps)),
      results_(spec.told.contexts.size()) {
  if (spec.deep_every > 1 || !spec.interval.whole()) counter_.emplace(spec.unet.config());
  for (const float timestep : timesteps) {
    time_rows_.emplace(timestep, static_cast<int>(time_rows_.size()));
  }
}

TimeEmbeddings GuidedUNet::embed(std::span<const float> timesteps) const {
  if (timesteps.empty()) return {};  // a run of strength nought has no steps
  UNetTimes times{.timesteps = timesteps, .guidance = spec_.guidance};
  if (!labels_.empty()) times.labels = labels_;
  return spec_.unet.embed_timesteps(times);
}

GuidedUNet::Time GuidedUNet::time_of(float timestep) {
  if (const auto it = time_rows_.find(timestep); it != time_rows_.end()) return {time_, it->second};
  auto it = more_times_.find(timestep);
  if (it == more_times_.end()) it = more_times_.emplace(timestep, embed({&timestep, 1})).first;
  return {it->second, 0};
}

void GuidedUNet::begin_step(int step) {
  step_ = step;
  if (step > 0) return;
  deep_.clear();
  calls_ = 0;
}

std::int64_t GuidedUNet::length_of(int context) const {
  return spec_.told.contexts[static_cast<std::size_t>(context)].sequence.dim(1);
}

std::vector<GuidedUNet::Group> GuidedUNet::groups_of(std::span<const int> contexts) const {
  std::vector<Group> groups;
  for (const int context : contexts) {
    const auto same = std::ranges::find_if(
        groups, [&](const Group& group) { return length_of(group.front()) == length_of(context); });
    Group& group = same == groups.end() ? groups.emplace_back() : *same;
    if (std::ranges::find(group, context) == group.end()) group.push_back(context);
  }
  return groups;
}

void GuidedUNet::operator()(std::span<const float> x, float timestep, std::span<float> out) {
  const Told::Step& whole = spec_.told.at(calls_++);
  Told::Step step = whole;
  const bool guiding = spec_.interval.holds(step_, spec_.steps);
  if (!guiding && step.parts.size() == 1) step.negative.reset();
  count_exact(contexts_of(whole), x.size() / latent_size_);
  if (spec_.beside_scale && step.negative) evaluate_without_picture(x, timestep, *step.negative);
  for (const Group& group : groups_of(contexts_of(step))) evaluate(x, timestep, group);
  combine(step, out);
}

// out = u + the sum of weight * scale * (c - u) over the parts; c alone where there is no u.
void GuidedUNet::combine(const Told::Step& step, std::span<float> out) const {
  const auto result = [&](int context) -> std::span<const float> {
    return results_[static_cast<std::size_t>(context)];
  };
  if (!step.negative) {
    std::ranges::copy(result(step.parts.front().context), out.begin());
    return;
  }
  const bool guiding = spec_.interval.holds(step_, spec_.steps);
  const auto without = result(*step.negative);
  std::ranges::copy(without, out.begin());
  for (const Told::Part& part : step.parts) {
    const float scale = (guiding ? spec_.scale : 1.0f) * part.weight;
    const auto with = result(part.context);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += scale * (with[i] - without[i]);
  }
  if (spec_.beside_scale) {
    const float more = *spec_.beside_scale - 1;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += more * (without[i] - pictureless_[i]);
  }
  if (spec_.rescale == 0) return;
  rescale_guidance(result(step.parts.front().context), spec_.rescale, out.size() / latent_size_,
                   out);
}

const UNetOperations& GuidedUNet::operations(const Group& group, std::size_t pictures) {
  return (*counter_)({.pictures = static_cast<int>(pictures),
                      .halves = static_cast<int>(group.size()),
                      .height = spec_.height,
                      .width = spec_.width,
                      .tokens = static_cast<int>(length_of(group.front()))});
}

// Adds what a pass of so many pictures for all of these contexts costs, nothing left out.
void GuidedUNet::count_exact(std::span<const int> contexts, std::size_t pictures) {
  if (!counter_) return;
  for (const Group& group : groups_of(contexts)) exact_ += operations(group, pictures).all();
}

// Makes what is kept of the deep levels fit the group: it goes on where the same contexts, or more
// than these, were computed.
void GuidedUNet::keep(Deep& deep, const Group& group, std::int64_t pictures) {
  if (step_ % spec_.deep_every == 0) deep = {};
  if (deep.contexts == group || deep.contexts.empty()) return;
  Tensor kept(spec_.backend.arena(), with_batch(deep.output.shape(), std::ssize(group) * pictures));
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto at = std::ranges::find(deep.contexts, group[i]);
    if (at == deep.contexts.end()) {
      deep = {};
      return;
    }
    spec_.backend.copy(
        pictures_of(ConstView(deep.output), (at - deep.contexts.begin()) * pictures, pictures),
        pictures_of(View(kept), static_cast<std::int64_t>(i) * pictures, pictures));
  }
  deep = {.output = std::move(kept), .contexts = group};
}

Tensor GuidedUNet::run(ConstView x, const UNetConditioning& conditioning, const Group& group,
                       Deep& deep) {
  keep(deep, group, x.shape[0]);
  const bool renewed = deep.contexts.empty();
  if (counter_) {
    const UNetOperations& cost = operations(group, static_cast<std::size_t>(x.shape[0]));
    computed_ += renewed ? cost.all() : cost.first_level;
  }
  if (spec_.deep_every == 1) return spec_.unet(x, conditioning);
  UNet::FirstLevel first = spec_.unet.first_level(x, conditioning);
  if (renewed) {
    deep = {.output = spec_.unet.deep_levels(first, conditioning), .contexts = group};
  }
  return spec_.unet.finish(std::move(first), deep.output, conditioning);
}

// The latents [n, C, h, w] of the pictures from `first` on, as the network sees them.
Tensor GuidedUNet::upload(std::span<const float> x, std::size_t first) const {
  const auto n = static_cast<std::int64_t>(x.size() / latent_size_);
  Tensor latents = from_nchw(spec_.backend, x, {n, spec_.height, spec_.width, spec_.channels});
  if (spec_.beside == nullptr) return latents;
  if (without_picture_) {
    const std::vector<float> zeros(
        static_cast<std::size_t>(n * spec_.height * spec_.width * spec_.beside->channels()));
    return concat_channels(
        spec_.backend, latents,
        from_nchw(spec_.backend, zeros, {n, spec_.height, spec_.width, spec_.beside->channels()}));
  }
  ConstView beside = *spec_.beside;
  if (beside.shape[0] > 1) beside = pictures_of(beside, static_cast<std::int64_t>(first), n);
  return concat_channels(spec_.backend, latents, beside);
}

void GuidedUNet::evaluate_without_picture(std::span<const float> x, float timestep, int context) {
  const std::vector<int> alone = {context};
  count_exact(alone, x.size() / latent_size_);
  without_picture_ = true;
  evaluate(x, timestep, alone);
  without_picture_ = false;
  pictureless_ = results_[static_cast<std::size_t>(context)];
  deep_.clear();
}

void GuidedUNet::evaluate(std::span<const float> x, float timestep, const Group& group) {
  const Time time = time_of(timestep);
  const std::size_t count = x.size() / latent_size_;
  const auto pass = static_cast<std::size_t>(spec_.pass);
  for (const int context : group) results_[static_cast<std::size_t>(context)].resize(x.size());
  for (std::size_t first = 0; first < count; first += pass) {
    if (spec_.cancel != nullptr) spec_.cancel->check();
    const std::size_t n = std::min(pass, count - first);
    const Tensor pictures = upload(x.subspan(first * latent_size_, n * latent_size_), first);
    std::vector<int> context_of, rows;
    for (const int context : group) {
      context_of.insert(context_of.end(), n, context);
      rows.insert(rows.end(), n, time.embeddings.row(time.timestep, context));
    }
    if (time.embeddings.contexts == 1) rows.resize(n);
    const Tensor result = run(
        pictures,
        {.time = time.embeddings, .time_rows = rows, .context = context_, .context_of = context_of},
        group, deep_[{first / pass, length_of(group.front())}]);  // [contexts * n, h, w, C]
    values_.resize(group.size() * n * latent_size_);
    to_nchw(spec_.backend, result, values_);
    for (std::size_t i = 0; i < group.size(); ++i) {
      std::ranges::copy(std::span(values_).subspan(i * n * latent_size_, n * latent_size_),
                        results_[static_cast<std::size_t>(group[i])].begin() +
                            static_cast<std::ptrdiff_t>(first * latent_size_));
    }
  }
}

}  // namespace easel
