#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"
#include "http/problem.h"

namespace easel {

/// Names that this server goes by.
struct HostRules {
  std::vector<std::string> names;  ///< in lower case, IPv6 addresses in brackets
};

/// The names of a server bound to `address`: always this computer's own.
HostRules host_rules(const std::string& address, const std::vector<std::string>& more);

/// Whether a Host header names this server. The defence against DNS rebinding, where a name of
/// somebody else's leads here.
bool host_allowed(std::string_view host, const HostRules& rules);

/// Refuses requests under other names (421), and those that another site's page makes (403): an
/// Origin that is not this host, or a Sec-Fetch-Site that is neither same-origin nor none.
std::optional<Problem> check_origin(const HttpRequest& request, const HostRules& rules);

/// The media type of a Content-Type in lower case, without parameters.
std::string media_type(std::string_view content_type);

/// Refuses (415) a body of another type than the ones given, in which forms have no place.
std::optional<Problem> check_type(const HttpRequest& request,
                                  const std::vector<std::string_view>& types);

}  // namespace easel
