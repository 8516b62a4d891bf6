#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <string>

#include "core/error.h"
#include "diffusion/schedule.h"

namespace easel::testing {

/// Latent-diffusion's noise schedule.
inline const Schedule& ldm() {
  static const Schedule schedule{ScheduleConfig{}};
  return schedule;
}

/// The model of make_sampler_trajectories.py and make_k_sampler_runs.py.
inline void made_up(std::span<const float> x, float t, std::span<float> out) {
  const double slope = 0.6 + 0.3 * std::cos(t / 300.0);
  const double shift = 0.2 * std::sin(t / 50.0);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<float>(x[i] * slope + shift);
}

/// What the usage error says that `act` throws.
template <typename Act>
std::string usage_error(Act act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace easel::testing
