#pragma once

#include <optional>
#include <string>

#include "http/http.h"

namespace easel {

// Pages of other origins that may use this server (the Fetch standard, section 3.3). None may
// unless it was named at the start; cookies are never theirs, so they need a token of their own.

/// The answer to a browser that asks on behalf of `request.reader` what it may do at an address
/// with the methods `allow`; nothing for any other request.
std::optional<HttpResponse> preflight(const HttpRequest& request, const std::string& allow);

/// Lets the page that asked read the answer, and any page show what a signed address leads to.
void let_read(const HttpRequest& request, HttpResponse& response);

}  // namespace easel
