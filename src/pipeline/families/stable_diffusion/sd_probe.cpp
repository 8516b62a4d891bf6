#include "pipeline/families/stable_diffusion/sd_probe.h"

#include <numeric>
#include <vector>

namespace easel {
namespace {

constexpr std::int64_t kSide = 8, kTokens = 2;
constexpr float kValue = 0.5f;
constexpr float kTimestep = 999;

Tensor filled(Backend& backend, const Shape& shape) {
  Tensor tensor(backend.arena(), shape);
  const std::vector<float> values(static_cast<std::size_t>(shape.elements()), kValue);
  backend.upload(values, Layout::kPixels, tensor);
  return tensor;
}

}  // namespace

double probe_mean(Backend& backend, const UNet& unet) {
  const Tensor x = filled(backend, {1, kSide, kSide, unet.config().in_channels});
  const UNetContext context =
      unet.prepare_context(filled(backend, {1, kTokens, unet.config().context_channels}));
  const TimeEmbeddings time = unet.embed_timesteps({.timesteps = {&kTimestep, 1}});
  const int first[] = {0};
  const Tensor out =
      unet(x, {.time = time, .time_rows = first, .context = context, .context_of = first});
  std::vector<float> values(static_cast<std::size_t>(out.elements()));
  backend.download(out, Layout::kPixels, values);
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()) -
         kValue;
}

Parameterization probe_parameterization(Backend& backend, const UNet& unet) {
  return probe_mean(backend, unet) < -1 ? Parameterization::kV : Parameterization::kEps;
}

}  // namespace easel
