#include "pipeline/draw_request.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "core/error.h"
#include "diffusion/samplers.h"

namespace easel {
namespace {

constexpr int kMaxCount = 10000;
constexpr int kMaxBatch = 64;
constexpr int kMaxDeepEvery = 100;
constexpr std::string_view kRng = "torch-cpu";

void check_range(std::string_view what, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  fail(ErrorCode::kUsage, "{} is {}, wanted {} to {}", what, value, least, most);
}

void check_finite(std::string_view what, double value, double least, double most) {
  if (value >= least && value <= most) return;  // NaN fails
  fail(ErrorCode::kUsage, "{} is {}, wanted {} to {}", what, value, least, most);
}

void check_interval(const GuidanceInterval& interval) {
  if (interval.from >= 0 && interval.from < interval.to && interval.to <= 1) return;
  fail(
      ErrorCode::kUsage,
      "the guidance interval is {} to {}, wanted fractions of the run, the first below the second, "
      "both from 0 to 1",
      interval.from, interval.to);
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
}

}  // namespace

void check_side(std::string_view what, int value, const ModelInfo& info) {
  check_range(what, value, 1, info.max_side);
  const int multiple = info.size_multiple;
  if (value % multiple == 0) return;
  const int below = value / multiple * multiple, above = below + multiple;
  const std::string near = below == 0              ? fmt::format("{} is", above)
                           : above > info.max_side ? fmt::format("{} is", below)
                                                   : fmt::format("{} and {} are", below, above);
  fail(ErrorCode::kUsage, "{} is {}, wanted a multiple of {} for this model: {}", what, value,
       multiple, near);
}

DrawRequest checked_request(DrawRequest request, const ModelInfo& info) {
  if (is_blank(request.prompt) && !request.allow_empty) {
    fail(ErrorCode::kUsage,
         "the prompt is empty: say what to draw, or that an empty prompt is meant");
  }
  if (request.sampler.empty()) request.sampler = info.defaults.sampler;
  if (!request.steps) request.steps = info.defaults.steps;
  if (!request.scale) request.scale = info.defaults.scale;
  if (request.width == 0) request.width = info.native_width;
  if (request.height == 0) request.height = info.native_height;
  check_side("the width", request.width, info);
  check_side("the height", request.height, info);
  check_range("the number of pictures", request.count, 1, kMaxCount);
  check_range("the batch", request.batch, 0, kMaxBatch);
  check_finite("the guidance scale", *request.scale, 0, kMaxGuidanceScale);
  check_interval(request.guidance_interval);
  check_range("the number of steps for each of the deep levels' passes", request.deep_every, 1,
              kMaxDeepEvery);
  if (request.eta) check_finite("eta", *request.eta, 0, 1);
  if (request.variation)
    check_finite("the variation's strength", request.variation->strength, 0, 1);
  if (request.rng != kRng) {
    fail(ErrorCode::kUsage, "the random number generator is '{}', and '{}' is the only one",
         request.rng, kRng);
  }
  const Sampler& sampler = find_sampler(request.sampler);
  request.sampler = sampler.id;
  // 0 is what a sampler that adds no noise does anyway.
  if (request.eta == 0.0 && !sampler.takes_eta) request.eta.reset();
  return request;
}

}  // namespace easel
