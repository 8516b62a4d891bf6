#pragma once

#include <vector>

#include "pipeline/drawing/drawing_model.h"

namespace easel {

/// What a job that was cut short still has to draw, where `there` says which of its pictures are:
/// picture k does not depend on the others.
std::vector<Pictures> missing_in(const std::vector<bool>& there);

}  // namespace easel
