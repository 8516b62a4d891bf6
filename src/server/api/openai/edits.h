#pragma once

#include "server/app/app.h"

namespace easel::server {

/// POST /v1/images/edits and /v1/images/variations: pictures that begin at one that comes in a
/// form.
void add_image_form_routes(App& app);

}  // namespace easel::server
