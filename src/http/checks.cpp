#include "http/checks.h"

#include <algorithm>
#include <cctype>

namespace easel {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Problem forbidden(std::string field, const std::string& value, const std::string& detail) {
  return {.status = 403,
          .detail = detail,
          .faults = {{.field = std::move(field),
                      .value = value,
                      .allowed = "requests of this server's own pages, and of programs",
                      .detail = detail}}};
}

}  // namespace

std::string_view name_of_host(std::string_view host) {
  std::string_view name = host;
  std::string_view rest;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    name = host.substr(0, end + 1);
    rest = host.substr(end + 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    rest = host.substr(colon);
  }
  if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return {};
  return name;
}

HostRules host_rules(const std::string& address, const std::vector<std::string>& more) {
  HostRules rules{{"localhost", "127.0.0.1", "[::1]"}};
  const auto add = [&](const std::string& name) {
    const bool bare_v6 = name.find(':') != std::string::npos && !name.starts_with('[');
    rules.names.push_back(lower(bare_v6 ? "[" + name + "]" : name));
  };
  if (address != "0.0.0.0" && address != "::" && !address.empty()) add(address);
  for (const std::string& name : more) add(name);
  return rules;
}

bool host_allowed(std::string_view host, const HostRules& rules) {
  const std::string name = lower(name_of_host(host));
  return !name.empty() &&
         std::find(rules.names.begin(), rules.names.end(), name) != rules.names.end();
}

std::optional<Problem> check_host(const HttpRequest& request, const HostRules& rules) {
  if (request.header_count("host") != 1) {
    return Problem{.status = 400, .detail = "exactly one Host header is wanted"};
  }
  const std::string& host = *request.header("host");
  if (!host_allowed(host, rules)) {
    return Problem{
        .status = 421,
        .detail =
            "this server does not go by that name; easel serve --allow-host NAME "
            "adds one",
        .faults = {{.field = "Host",
                    .value = host,
                    .allowed = "localhost, 127.0.0.1, [::1] and names allowed at the start",
                    .detail = "Host is not this server's name"}}};
  }
  return std::nullopt;
}

std::optional<Problem> check_origin(HttpRequest& request, const HostRules& rules) {
  if (request.header_count("origin") > 1 || request.header_count("sec-fetch-site") > 1) {
    return Problem{.status = 400, .detail = "a header that must be single occurs twice"};
  }
  if (const std::string* origin = request.header("origin")) {
    const std::string name = lower(*origin), host = lower(*request.header("host"));
    const bool own = name == "http://" + host || name == "https://" + host ||
                     (!name.empty() && name == rules.public_origin);
    if (!own &&
        std::find(rules.origins.begin(), rules.origins.end(), name) != rules.origins.end()) {
      request.reader = *origin;
      return std::nullopt;
    }
    if (!own) {
      return forbidden("Origin", *origin, "another site's page may not use this server");
    }
  }
  if (const std::string* site = request.header("sec-fetch-site")) {
    if (*site != "same-origin" && *site != "none") {
      return forbidden("Sec-Fetch-Site", *site, "another site's page may not use this server");
    }
  }
  return std::nullopt;
}

std::string media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return lower(type);
}

std::optional<Problem> check_type(const HttpRequest& request,
                                  const std::vector<std::string_view>& types) {
  const std::string* header = request.header("content-type");
  const std::string type = header == nullptr ? "" : media_type(*header);
  if (request.header_count("content-type") <= 1 &&
      std::find(types.begin(), types.end(), type) != types.end()) {
    return std::nullopt;
  }
  std::string allowed;
  for (const std::string_view wanted : types) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(wanted);
  }
  return Problem{.status = 415,
                 .detail = "the Content-Type must be " + allowed,
                 .faults = {{.field = "Content-Type",
                             .value = header == nullptr ? Json(nullptr) : Json(*header),
                             .allowed = allowed,
                             .detail = "the Content-Type must be " + allowed}}};
}

}  // namespace easel
