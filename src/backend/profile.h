#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "backend/backend.h"

namespace easel {

/// Which convolution an operation was, for tuning: its layer and the shape of its result.
struct ConvFacts {
  Conv2dSpec spec;
  std::int64_t pictures, height, width;
};

/// What one kind of operation cost, summed over its calls.
struct ProfileEntry {
  std::string algorithm;
  std::int64_t calls = 0;
  double seconds = 0;
  double flops = 0;  ///< 2 x multiply-adds of the plain algorithm ("direct-equivalent")
  double bytes = 0;  ///< weights, inputs and results, each counted once a call
  std::optional<ConvFacts> convolution{};
};

/// By name: "conv 320>640 3x3 @16x16", "linear 320>2560 x2048", ….
using Profile = std::map<std::string, ProfileEntry>;

/// A backend that passes every operation on to `inner` and adds its time to `profile`. Both outlive
/// what it prepares. For measuring: its own bookkeeping costs about a microsecond a call.
std::unique_ptr<Backend> make_profiling_backend(Backend& inner, Profile& profile);

}  // namespace easel
