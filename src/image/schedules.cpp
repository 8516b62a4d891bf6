#include "image/schedules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace easel {
namespace {

// What "Automatic" means there: modules/sd_samplers_kdiffusion.py's 'scheduler' of each sampler;
// the others use the model's own.
struct OwnSchedule {
  std::string_view sampler;
  std::string_view schedule;
};
constexpr OwnSchedule kOwnSchedules[] = {
    {"dpm++ 2m", "Karras"},
    {"dpm++ sde", "Karras"},
    {"dpm++ 2s a", "Karras"},
    {"dpm2", "Karras"},
    {"dpm2 a", "Karras"},
    {"restart", "Karras"},
    {"dpm++ 2m sde", "Exponential"},
    {"dpm++ 2m sde heun", "Exponential"},
    {"dpm++ 3m sde", "Exponential"},
};
// In names of samplers until 1.8.
constexpr std::string_view kNamedSchedules[] = {"Karras", "Exponential", "Polyexponential"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

std::string sampler_with_schedule(std::string_view sampler, std::string_view schedule) {
  const std::string name = lower(sampler);
  if (lower(schedule) == "automatic") {
    const auto* own =
        std::ranges::find(kOwnSchedules, std::string_view(name), &OwnSchedule::sampler);
    schedule = own == std::end(kOwnSchedules) ? std::string_view() : own->schedule;
  }
  for (const std::string_view known : kNamedSchedules) {
    if (lower(schedule) != lower(known) || name.ends_with(lower(known))) continue;
    return fmt::format("{} {}", sampler, known);
  }
  return std::string(sampler);
}

}  // namespace easel
