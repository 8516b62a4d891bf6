#include "server/api/a1111/sampler_names.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "diffusion/noise_levels.h"
#include "diffusion/samplers.h"
#include "image/schedules.h"

namespace easel::server {
namespace {

constexpr std::string_view kAutomatic = "Automatic";

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// Names of spacings that are another's there: "Normal" is linspace over the timesteps, as
// k-diffusion's own is.
std::string_view known_as(std::string_view schedule) {
  return in_lower_case(schedule) == "normal" ? std::string_view("Uniform") : schedule;
}

bool is_schedule(std::string_view name) {
  if (in_lower_case(name) == in_lower_case(kAutomatic)) return true;
  try {
    sigma_spacing_named(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_sampler(std::string_view name) {
  try {
    find_sampler(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// "DPM++ SDE Karras" into its two parts.
void split_schedule(SamplerWords& words) {
  for (const SpacingName& spacing : sigma_spacings()) {
    const std::string ending = " " + in_lower_case(spacing.name);
    if (spacing.name.empty() || !in_lower_case(words.sampler).ends_with(ending)) continue;
    words.sampler.resize(words.sampler.size() - ending.size());
    words.schedule = spacing.name;
    return;
  }
}

}  // namespace

SamplerWords sampler_words(const std::string& name, const std::string& schedule) {
  SamplerWords words{.sampler = name, .schedule = std::string(known_as(schedule))};
  if (!words.schedule.empty() && !is_schedule(words.schedule)) {
    words.unknown_schedule = schedule;
    words.schedule = kAutomatic;
  }
  if (!name.empty() && !is_sampler(name)) split_schedule(words);
  const std::string both = sampler_with_schedule(words.sampler, words.schedule);
  if (is_sampler(both)) words.sampler = find_sampler(both).id;
  return words;
}

}  // namespace easel::server
