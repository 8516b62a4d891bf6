#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "core/rng.h"
#include "core/rng_philox.h"

namespace easel {

/// Which program's random numbers a picture begins with.
enum class RngKind {
  kTorchCpu,  ///< torch.randn on a processor (AUTOMATIC1111's randn_source "CPU")
  kNv,        ///< torch.randn on an NVIDIA card (its "NV", and "GPU" on such cards)
};

/// A row of the names that `--rng`, recipes and the APIs take.
struct RngName {
  std::string_view name;
  RngKind kind;
  std::string_view description;  ///< one line
};
std::span<const RngName> rng_names();
/// An empty name is the first's. Throws kUsage with the known names.
RngKind rng_named(std::string_view name);
std::string_view name_of(RngKind kind);

/// A generator of either kind.
class NormalRng {
 public:
  NormalRng(RngKind kind, std::uint64_t seed);
  void normal(std::span<float> out);

 private:
  std::variant<TorchCpuRng, PhiloxRng> rng_;
};

}  // namespace easel
