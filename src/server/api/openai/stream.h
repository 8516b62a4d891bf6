#pragma once

#include "server/api/openai/request.h"

namespace easel::server {

/// Answers a request with `stream: true`: server-sent events of partial pictures, made of the
/// previews of its steps, then of the whole ones. What goes wrong before the first event is told as
/// any problem, later as an event "error".
void stream_images(App& app, const RequestPtr& request, const ImagesRequest& asked,
                   const Respond& respond);

}  // namespace easel::server
