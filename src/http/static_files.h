#pragma once

#include <filesystem>
#include <optional>

#include "http/router.h"

namespace easel {

/// Adds a route for every file of the page. `folder`: read them from there at each request instead
/// of from the program, for those who work on the page.
void add_static_routes(Router& router, const std::optional<std::filesystem::path>& folder);

/// 304 when the client has this version, else the bytes with an ETag. `immutable`: it never
/// changes.
HttpResponse cached_response(const HttpRequest& request, HttpResponse full, const std::string& etag,
                             bool immutable);

}  // namespace easel
