#include "cli/approximations.h"

#include <fmt/format.h>

namespace easel::cli {

std::string price_of(const Recipe& recipe, double computed) {
  const Diffusion& diffusion = diffusion_of(recipe);
  if (diffusion.guidance_interval.whole() && diffusion.deep_cache.every == 1) return "";
  return fmt::format(
      "{:.0f} % of the denoiser's operations were run; what that does to pictures is measured in "
      "docs/performance/approximations.md",
      100 * computed);
}

}  // namespace easel::cli
