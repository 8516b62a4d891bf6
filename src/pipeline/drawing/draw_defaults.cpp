#include "pipeline/drawing/draw_defaults.h"

#include "core/error.h"
#include "diffusion/samplers.h"

namespace easel {
namespace {

std::string sampler_of(const YamlReader& defaults, const std::string& fallback) {
  const std::string name = defaults.text("sampler", fallback);
  try {
    return std::string(find_sampler(name).id);
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidFile, "{} cannot be used: {}", defaults.where("sampler"), error.what());
  }
}

}  // namespace

DrawDefaults read_draw_defaults(const YamlReader& section, int schedule_steps) {
  const YamlReader defaults = section / "defaults";
  DrawDefaults read;
  read.scale = defaults.number("scale", read.scale);
  if (read.scale < 0 || read.scale > kMaxGuidanceScale) {
    fail(ErrorCode::kInvalidFile, "{} is {}, wanted 0 to {}", defaults.where("scale"), read.scale,
         kMaxGuidanceScale);
  }
  read.steps = static_cast<int>(defaults.integer("steps", read.steps, {.most = schedule_steps}));
  read.sampler = sampler_of(defaults, read.sampler);
  return read;
}

}  // namespace easel
