#pragma once

#include <memory>

#include "pipeline/drawing/measuring.h"

namespace easel {

/// RealESRGAN_x4plus' network on a 256x256 picture.
std::unique_ptr<MeasuredModel> measure_esrgan();

}  // namespace easel
