#include "http/gate.h"

#include <cmath>
#include <ctime>
#include <utility>

#include "core/sha256.h"
#include "http/cross_origin.h"

namespace easel {
namespace {

using namespace std::string_view_literals;

bool is_write(std::string_view method) { return method != "GET" && method != "HEAD"; }

bool has_body(const HttpRequest& request) {
  const std::string* length = request.header("content-length");
  return request.header("transfer-encoding") != nullptr || (length != nullptr && *length != "0");
}

// Who takes turns: a token's holder, wherever the connection comes from (behind a proxy all come
// from this computer); where none is needed, whatever program or browser it is.
std::string client_of(const Tokens& tokens, const HttpRequest& request) {
  if (tokens.needed()) return request.owner;
  if (const std::string* name = request.header("easel-client"); name && name->size() <= 64) {
    return "named-" + *name;
  }
  const std::string* agent = request.header("user-agent");
  return "local-" + sha256_hex(agent == nullptr ? "" : *agent).substr(0, 12);
}

std::optional<Problem> check_body(const Route& route, const HttpRequest& request) {
  if (!has_body(request)) return std::nullopt;
  switch (route.body) {
    case BodyKind::kNone:
      // Some clients send "{}" where nothing is wanted; a form, never.
      return check_type(request, {"application/json"sv});
    case BodyKind::kJson:
      return check_type(request, {"application/json"sv});
    case BodyKind::kPicture:
      return check_type(request, {"image/png"sv, "image/jpeg"sv, "image/webp"sv});
    case BodyKind::kForm:
      return check_type(request, {"multipart/form-data"sv});
  }
  return std::nullopt;
}

std::optional<HttpResponse> wrong_way(const HttpRequest& request, const std::string& allow) {
  if (request.route != nullptr) return std::nullopt;
  if (allow.empty()) {
    return request.tell({.status = 404, .detail = "there is nothing at this address"});
  }
  HttpResponse response = request.tell(
      {.status = 405, .detail = request.method + " is not among what can be done here: " + allow});
  response.headers.emplace_back("Allow", allow);
  return response;
}

}  // namespace

Gate::Gate(const Router& router, Rules rules)
    : router_(router), rules_(std::move(rules)), submitting_(rules_.submitting) {}

std::optional<Problem> Gate::check_token(HttpRequest& request) const {
  request.owner = "local";
  if (!rules_.tokens.needed()) return std::nullopt;
  const auto name = rules_.tokens.name_in(request);
  if (name) request.owner = *name;
  if (name || request.route->access == Access::kPublic || request.signed_address) {
    return std::nullopt;
  }
  return Problem{.status = 401,
                 .detail =
                     "a token is needed: Authorization: Bearer …, or the link that was shown "
                     "when the server's token was made"};
}

std::optional<Problem> Gate::check_submitting(const HttpRequest& request) {
  if (!request.route->submits) return std::nullopt;
  if (stopping_) {
    return Problem{.status = 503, .detail = "the server is stopping", .retry_after = 10};
  }
  if (!rules_.tokens.needed()) return std::nullopt;
  const double wait = submitting_.take(request.owner, RateLimit::Clock::now());
  if (wait <= 0) return std::nullopt;
  return Problem{.status = 429,
                 .type = "too-many-requests",
                 .detail = "more than 10 jobs a second",
                 .retry_after = static_cast<int>(std::ceil(wait))};
}

// Whether the address is one of ours, and may be used from where the request comes.
std::optional<HttpResponse> Gate::check_route(HttpRequest& request) const {
  if (const auto problem = check_host(request, rules_.hosts)) return request.tell(*problem);
  Router::Match match = router_.find(request.method, request.path);
  request.route = match.route;
  request.captures = std::move(match.captures);
  request.signed_address = request.route != nullptr && request.route->signable &&
                           signer_.holds(request, std::time(nullptr));
  // Whoever has a signed address was given it: it may stand in any page.
  if (!request.signed_address) {
    if (const auto problem = check_origin(request, rules_.hosts)) return request.tell(*problem);
  }
  if (auto response = preflight(request, match.allow)) return response;
  return wrong_way(request, match.allow);
}

std::optional<HttpResponse> Gate::check(HttpRequest& request, std::size_t& body_limit) {
  request.tell = router_.form_for(request.path);
  if (auto response = check_route(request)) return response;
  if (const auto problem = check_token(request)) return request.tell(*problem);
  if (const std::string& why = request.route->not_offered; !why.empty()) {
    return request.tell({.status = 404, .type = "not-offered", .detail = why});
  }
  request.client = client_of(rules_.tokens, request);
  if (is_write(request.method)) {
    if (const auto problem = check_body(*request.route, request)) return request.tell(*problem);
  }
  if (const auto problem = check_submitting(request)) return request.tell(*problem);
  body_limit = request.route->body_limit;
  return std::nullopt;
}

}  // namespace easel
