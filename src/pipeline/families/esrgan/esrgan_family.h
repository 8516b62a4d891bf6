#pragma once

#include "pipeline/drawing/family.h"

namespace easel {

/// ESRGAN and its descendants, which enlarge pictures (Wang et al. 2018 and 2021).
Family esrgan_family();

}  // namespace easel
