#pragma once

#include <string>

#include "pipeline/drawing/yaml_reader.h"

namespace easel {

/// The most guidance that a request or a model may ask for.
constexpr double kMaxGuidanceScale = 100;

/// What is drawn with where a person says nothing. A model's own stand in its config.yaml:
///
///     easel: {defaults: {scale: 3.0, steps: 25, sampler: dpmpp-2m}}
struct DrawDefaults {
  double scale = 7.5;
  int steps = 25;
  std::string sampler = "dpmpp-2m";  ///< id; the best measured over several models
};

/// Reads the section `easel` of a model's configuration; what it leaves out is as above. Throws
/// kInvalidFile for values that a request could not have either. `schedule_steps`: the most steps.
DrawDefaults read_draw_defaults(const YamlReader& section, int schedule_steps);

}  // namespace easel
