#include "work/step_times.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "pipeline/drawing/editing_check.h"
#include "recipe/values.h"

namespace easel {
namespace {

constexpr int kMemory = 8;  // runs that the average looks back on

// The sampler, with what is left out of its steps.
std::string sampler_of(const Diffusion& diffusion) {
  std::string name = diffusion.sampler;
  if (is_said(diffusion.deep_cache)) name += " cache:" + text_of(diffusion.deep_cache);
  if (is_said(diffusion.guidance_interval)) name += " " + text_of(diffusion.guidance_interval);
  return name;
}

int passes_of(const Diffusion& diffusion) { return diffusion.scale == 1.0 ? 1 : 2; }

// "sampler|guided|WIDTHxHEIGHT|model"
std::string key_of(const Recipe& recipe) {
  const Diffusion& diffusion = diffusion_of(recipe);
  return sampler_of(diffusion) + "|" + std::to_string(passes_of(diffusion)) + "|" +
         text_of(recipe.size) + "|" + recipe.model.name;
}

struct Parts {
  std::string sampler;
  int passes = 2;
  double pixels = 0;
  std::string model;
};

std::optional<Parts> parts_of(const std::string& key) {
  Parts parts;
  const std::size_t a = key.find('|');
  const std::size_t b = key.find('|', a + 1);
  const std::size_t c = key.find('|', b + 1);
  if (c == std::string::npos) return std::nullopt;
  int width = 0;
  int height = 0;
  if (std::sscanf(key.c_str() + a + 1, "%d|%dx%d", &parts.passes, &width, &height) != 3) {
    return std::nullopt;
  }
  parts.sampler = key.substr(0, a);
  parts.pixels = static_cast<double>(width) * height;
  parts.model = key.substr(c + 1);
  if (parts.pixels <= 0 || parts.passes < 1) return std::nullopt;
  return parts;
}

}  // namespace

StepSizes::StepSizes(const Recipe& recipe) {
  const Diffusion& diffusion = diffusion_of(recipe);
  const int steps = diffusion.steps.value_or(0);
  const bool begun = begins_at_picture(recipe);
  const double share = begun ? diffusion.editing.strength.value_or(1) : 1;
  first_ = static_cast<int>(std::lround(share * steps));
  const SecondPass& second = diffusion.second_pass;
  if (!second.scale) return;
  second_ = second.strength.value_or(1) > 0 ? second.steps.value_or(steps) : 0;
  const Image::Size large = last_size(recipe, 1);
  const double pixels = static_cast<double>(recipe.size.width) * recipe.size.height;
  if (pixels > 0) last_ = static_cast<double>(large.width) * large.height / pixels;
}

double StepSizes::expected() const { return first_ + second_ * last_; }

double StepSizes::up_to(int step, int steps) const {
  const int first = std::max(steps - second_, 0);
  return std::min(step, first) + std::max(step - first, 0) * last_;
}

void StepTimes::load(const std::vector<TimingRecord>& timings) {
  const std::lock_guard lock(mutex_);
  for (const TimingRecord& timing : timings) {
    entries_[timing.key] = {{timing.step, timing.decode}, timing.runs};
  }
}

TimingRecord StepTimes::add(const DrawJob& job, const RunTimes& times) {
  const std::lock_guard lock(mutex_);
  const std::string key = key_of(job.recipe);
  Entry& entry = entries_[key];
  const double weight = 1.0 / (std::min(entry.runs, kMemory) + 1);
  entry.times.step += weight * (times.step - entry.times.step);
  entry.times.decode += weight * (times.decode - entry.times.decode);
  ++entry.runs;
  return {key, entry.times.step, entry.times.decode, entry.runs};
}

std::optional<StepTimes::Expected> StepTimes::expected(const DrawJob& job) const {
  const std::lock_guard lock(mutex_);
  if (const auto exact = entries_.find(key_of(job.recipe)); exact != entries_.end()) {
    return Expected{exact->second.times, !diffusion_of(job.recipe).second_pass.scale};
  }
  const Diffusion& diffusion = diffusion_of(job.recipe);
  const double pixels = static_cast<double>(job.recipe.size.width) * job.recipe.size.height;
  const int passes = passes_of(diffusion);
  const std::string sampler = sampler_of(diffusion);
  std::optional<Expected> best;
  double best_distance = std::numeric_limits<double>::max();
  for (const auto& [key, entry] : entries_) {
    const auto parts = parts_of(key);
    if (!parts || parts->model != job.recipe.model.name) continue;
    const double distance = std::abs(std::log(pixels / parts->pixels)) +
                            (parts->sampler == sampler ? 0 : 1) +
                            (parts->passes == passes ? 0 : 0.5);
    if (distance >= best_distance) continue;
    best_distance = distance;
    const double ratio = pixels / parts->pixels;
    best = Expected{{entry.times.step * ratio * passes / parts->passes, entry.times.decode * ratio},
                    false};
  }
  return best;
}

double StepTimes::seconds(const DrawJob& job, const RunTimes& times) {
  const StepSizes sizes(job.recipe);
  return job.count * (sizes.expected() * times.step + sizes.last() * times.decode);
}

}  // namespace easel
