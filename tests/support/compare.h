#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>

namespace easel::testing {

/// sqrt(sum (a - e)^2 / sum e^2); infinite when the sizes differ or a value is not a number.
inline double relative_rms(std::span<const float> actual, std::span<const float> expected) {
  if (actual.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double error = 0, power = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double e = expected[i], d = actual[i] - e;
    error += d * d;
    power += e * e;
  }
  const double result = std::sqrt(error / power);
  return std::isnan(result) ? std::numeric_limits<double>::infinity() : result;
}

inline double largest_difference(std::span<const float> actual, std::span<const float> expected) {
  if (actual.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = std::abs(double{actual[i]} - expected[i]);
    if (!(d <= most)) most = std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
  }
  return most;
}

}  // namespace easel::testing
