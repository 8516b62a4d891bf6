#pragma once

#include <memory>

#include "pipeline/drawing/measuring.h"
#include "pipeline/families/ldm/ldm_config.h"

namespace easel {

/// A model of these sizes.
std::unique_ptr<MeasuredModel> measure_ldm(const LdmConfig& config);

}  // namespace easel
