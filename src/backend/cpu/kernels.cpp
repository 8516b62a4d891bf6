#include "backend/cpu/kernels.h"

#include <fmt/ranges.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

#include "backend/cpu/options.h"
#include "core/error.h"

namespace easel {
namespace {

// Best first: Highway gives better targets lower bits.
std::vector<std::int64_t> runnable() {
  std::vector<std::int64_t> targets;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (target != HWY_SCALAR && target != HWY_EMU128) targets.push_back(target);
  }
  if (targets.empty()) targets.push_back(HWY_STATIC_TARGET);
  return targets;
}

}  // namespace

std::vector<std::string> cpu_targets() {
  std::vector<std::string> names;
  for (const std::int64_t target : runnable()) names.emplace_back(hwy::TargetName(target));
  return names;
}

namespace cpu {

Kernels kernels_for(const std::string& target) {
  for (const std::int64_t bit : runnable()) {
    if (!target.empty() && target != hwy::TargetName(bit)) continue;
    return {.target = hwy::TargetName(bit),
            .gemm = gemm_kernels(bit),
            .pack = pack_kernel(bit),
            .norm = norm_kernels(bit),
            .winograd2 = winograd_kernels(bit, 2),
            .winograd4 = winograd_kernels(bit, 4)};
  }
  fail(ErrorCode::kUsage, "this processor does not run the instruction set '{}', it runs {}",
       target, fmt::join(cpu_targets(), ", "));
}

}  // namespace cpu
}  // namespace easel
