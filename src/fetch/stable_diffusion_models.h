#pragma once

#include <vector>

#include "fetch/catalogue.h"

namespace easel::fetch {

/// Stable Diffusion's models and what goes with them, as their authors publish them on Hugging
/// Face. Sizes and checksums where they are known; else the server's own word is taken and shown.
std::vector<RemoteModel> stable_diffusion_models();

}  // namespace easel::fetch
