#pragma once

#include <string>

#include "server/app/app.h"

namespace easel::server {

// The parts of AUTOMATIC1111's API that take pictures. Both work on a thread of their own.

void a1111_png_info(App& app, const RequestPtr& request, const Respond& respond);
void a1111_extra_image(App& app, const RequestPtr& request, const Respond& respond);

/// A preview's PNG file, which is as small as a latent, in base64 at a size that clients of that
/// API can show.
std::string enlarged_preview(const std::string& png);

}  // namespace easel::server
