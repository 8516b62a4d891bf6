#include "core/rng_kinds.h"

#include <array>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

constexpr std::array kNames{
    RngName{"torch-cpu", RngKind::kTorchCpu, "PyTorch's on a processor"},
    RngName{"nv", RngKind::kNv, "PyTorch's on an NVIDIA card, as AUTOMATIC1111's pictures have it"},
};

std::variant<TorchCpuRng, PhiloxRng> made(RngKind kind, std::uint64_t seed) {
  if (kind == RngKind::kNv) return PhiloxRng(seed);
  return TorchCpuRng(seed);
}

}  // namespace

std::span<const RngName> rng_names() { return kNames; }

RngKind rng_named(std::string_view name) {
  if (name.empty()) return RngKind::kTorchCpu;
  for (const RngName& row : kNames) {
    if (row.name == name) return row.kind;
  }
  fail(ErrorCode::kUsage, "there is no random number generator \"{}\": torch-cpu and nv are known",
       printable(name));
}

std::string_view name_of(RngKind kind) {
  for (const RngName& row : kNames) {
    if (row.kind == kind) return row.name;
  }
  return {};
}

NormalRng::NormalRng(RngKind kind, std::uint64_t seed) : rng_(made(kind, seed)) {}

void NormalRng::normal(std::span<float> out) {
  std::visit([out](auto& rng) { rng.normal(out); }, rng_);
}

}  // namespace easel
