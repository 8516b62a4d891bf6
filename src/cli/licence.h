#pragma once

#include <string>

#include "fetch/catalogue.h"

namespace easel::cli {

/// Shows a model's licence and goes on only if it is agreed to: by `accepted` (--accept-licence),
/// or by a "yes" typed on a terminal. Throws kUsage otherwise, naming what would do. Nothing for a
/// model without one.
void require_licence(const std::string& model, const fetch::Licence& licence, bool accepted);

}  // namespace easel::cli
