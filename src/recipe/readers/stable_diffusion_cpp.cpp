// stable-diffusion.cpp: AUTOMATIC1111's form, "Sampler: dpm++2m karras" or "euler_a discrete".

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "recipe/pairs.h"
#include "recipe/readers/programs.h"

namespace easel::readers {
namespace {

// Schedules that it names and no sampler's name here says; "discrete" is the usual one.
constexpr std::string_view kSchedules[] = {"discrete", "exponential", "ays",        "gits",
                                           "simple",   "sgm_uniform", "smoothstep", "kl_optimal",
                                           "lcm",      "default",     "beta"};

}  // namespace

std::optional<Provenance> read_stable_diffusion_cpp(const ImageMetadata& metadata) {
  const std::string& text = metadata.parameters;
  if (text.find("stable-diffusion.cpp") == std::string::npos) return std::nullopt;
  Provenance provenance = parse_parameters(text);
  if (!provenance.version.starts_with("stable-diffusion.cpp")) return std::nullopt;
  std::string& sampler = diffusion_of(provenance.recipe).sampler;
  const auto space = sampler.rfind(' ');
  if (space == std::string::npos) return provenance;
  const std::string schedule = sampler.substr(space + 1);
  if (std::ranges::find(kSchedules, schedule) == std::end(kSchedules)) return provenance;
  sampler = sampler_id(sampler.substr(0, space));
  if (schedule != "discrete" && schedule != "default") {
    provenance.others.emplace_back("Schedule type", schedule);
  }
  return provenance;
}

}  // namespace easel::readers
