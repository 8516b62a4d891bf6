#pragma once

#include <memory>
#include <span>

#include "backend/backend.h"

namespace easel {

/// Plain loops that say what each operation means; slow. Sums are accumulated in double, so that it
/// is the yardstick of the other backends.
std::unique_ptr<Backend> make_reference_backend(int threads, std::span<const int> cores = {});

}  // namespace easel
