#pragma once

#include <string>

#include "server/app/app.h"

namespace easel::server {

// AUTOMATIC1111's API, by topic. Those that take pictures work on a thread of their own.

void a1111_txt2img(App& app, const RequestPtr& request, const Respond& respond);
void a1111_img2img(App& app, const RequestPtr& request, const Respond& respond);
void a1111_progress(App& app, const RequestPtr& request, const Respond& respond);
void a1111_interrupt(App& app, const RequestPtr& request, const Respond& respond);
void a1111_png_info(App& app, const RequestPtr& request, const Respond& respond);
void a1111_extra_image(App& app, const RequestPtr& request, const Respond& respond);
void a1111_extra_images(App& app, const RequestPtr& request, const Respond& respond);

/// A preview's PNG file, which is as small as a latent, in base64 at a size that clients of that
/// API can show.
std::string enlarged_preview(const std::string& png);

/// What clients ask for on connecting: every list, and the settings. What there is none of is
/// empty.
void add_a1111_lists(App& app);

}  // namespace easel::server
