#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"
#include "http/problem.h"

namespace easel {

/// Names that this server goes by, and whose pages may use it.
struct HostRules {
  std::vector<std::string> names;  ///< in lower case, IPv6 addresses in brackets
  /// Of pages elsewhere that may: "https://app.example.org", in lower case.
  std::vector<std::string> origins = {};
  std::string public_origin = {};  ///< of its own page behind a proxy; empty: as Host says
};

/// The names of a server bound to `address`: always this computer's own.
HostRules host_rules(const std::string& address, const std::vector<std::string>& more);

/// The name in "name", "name:port", "[::1]" and "[::1]:port"; empty for anything else.
std::string_view name_of_host(std::string_view host);

/// Whether a Host header names this server. The defence against DNS rebinding, where a name of
/// somebody else's leads here.
bool host_allowed(std::string_view host, const HostRules& rules);

/// Refuses requests under other names (421).
std::optional<Problem> check_host(const HttpRequest& request, const HostRules& rules);
/// Refuses requests that another site's page makes (403): an Origin that is not this host and not
/// among those that may, or a Sec-Fetch-Site that is neither same-origin nor none. Notes the page
/// that may in `request.reader`. REQUIRES: check_host found nothing
std::optional<Problem> check_origin(HttpRequest& request, const HostRules& rules);

/// The media type of a Content-Type in lower case, without parameters.
std::string media_type(std::string_view content_type);

/// Refuses (415) a body of another type than the ones given. A form, which another site's page may
/// send without asking, is let in by no route but those that want one; check_origin goes before.
std::optional<Problem> check_type(const HttpRequest& request,
                                  const std::vector<std::string_view>& types);

}  // namespace easel
