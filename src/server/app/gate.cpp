#include <algorithm>
#include <cmath>

#include "core/sha256.h"
#include "server/app/app.h"

namespace easel::server {
namespace {

using namespace std::string_view_literals;

Dialect dialect_of(std::string_view path) {
  if (path.starts_with("/v1/")) return Dialect::kOpenAi;
  if (path.starts_with("/sdapi/")) return Dialect::kA1111;
  return Dialect::kProblem;
}

bool is_write(std::string_view method) { return method != "GET" && method != "HEAD"; }

bool has_body(const HttpRequest& request) {
  const std::string* length = request.header("content-length");
  return request.header("transfer-encoding") != nullptr || (length != nullptr && *length != "0");
}

// Who takes turns: a token's holder, wherever the connection comes from (behind a proxy all come
// from this computer); where none is needed, whatever program or browser it is.
std::string client_of(const App& app, const HttpRequest& request) {
  if (app.tokens.needed()) return request.owner;
  if (const std::string* name = request.header("easel-client"); name && name->size() <= 64) {
    return "named-" + *name;
  }
  const std::string* agent = request.header("user-agent");
  return "local-" + sha256_hex(agent == nullptr ? "" : *agent).substr(0, 12);
}

std::optional<Problem> check_token(const App& app, const Route& route, HttpRequest& request) {
  request.owner = "local";
  if (!app.tokens.needed()) return std::nullopt;
  const auto name = app.tokens.name_in(request);
  if (name) request.owner = *name;
  if (name || route.access == Access::kPublic) return std::nullopt;
  return Problem{.status = 401,
                 .detail =
                     "a token is needed: Authorization: Bearer …, or the link that was shown "
                     "when the server's token was made"};
}

std::optional<Problem> check_body(const Route& route, const HttpRequest& request) {
  if (!has_body(request)) return std::nullopt;
  switch (route.body) {
    case BodyKind::kNone:
      // Some clients send "{}" where nothing is wanted; forms have no place anywhere.
      return check_type(request, {"application/json"sv});
    case BodyKind::kJson:
      return check_type(request, {"application/json"sv});
    case BodyKind::kPicture:
      return check_type(request, {"image/png"sv, "image/jpeg"sv, "image/webp"sv});
  }
  return std::nullopt;
}

std::optional<Problem> check_submitting(App& app, const Route& route, const HttpRequest& request) {
  if (!route.submits) return std::nullopt;
  if (app.draining()) {
    return Problem{.status = 503, .detail = "the server is stopping", .retry_after = 10};
  }
  if (!app.tokens.needed()) return std::nullopt;
  const double wait = app.submit_rate.take(request.owner, RateLimit::Clock::now());
  if (wait <= 0) return std::nullopt;
  return Problem{.status = 429,
                 .type = "too-many-requests",
                 .detail = "more than 10 jobs a second",
                 .retry_after = static_cast<int>(std::ceil(wait))};
}

std::optional<HttpResponse> wrong_way(const HttpRequest& request, const Router::Match& match,
                                      Dialect dialect) {
  if (match.route != nullptr) return std::nullopt;
  Problem problem{.status = 404, .detail = "there is nothing at this address"};
  if (match.allow.empty()) return told(dialect, problem);
  problem = {.status = 405,
             .detail = request.method + " is not among what can be done here: " + match.allow};
  HttpResponse response = told(dialect, problem);
  response.headers.emplace_back("Allow", match.allow);
  return response;
}

}  // namespace

HttpResponse told(Dialect dialect, const Problem& problem) {
  HttpResponse response = response_of(problem);
  const Json own = to_json(problem);
  const Json field = own.value("field", Json(nullptr));
  if (dialect == Dialect::kOpenAi) {
    const char* type = problem.status == 401   ? "authentication_error"
                       : problem.status == 429 ? "rate_limit_error"
                       : problem.status >= 500 ? "server_error"
                                               : "invalid_request_error";
    response.body = Json({{"error",
                           {{"message", problem.detail},
                            {"type", type},
                            {"param", field},
                            {"code", own["type"]}}}})
                        .dump();
    response.type = "application/json";
  } else if (dialect == Dialect::kA1111) {
    response.body = Json({{"error", own["type"]},
                          {"detail", problem.detail},
                          {"body", field.is_null() ? Json("") : field},
                          {"errors", problem.detail}})
                        .dump();
    response.type = "application/json";
  }
  return response;
}

App::Fail fail_with(const Respond& respond) {
  return [respond](const Problem& problem) { respond(response_of(problem)); };
}

std::optional<HttpResponse> gate(App& app, HttpRequest& request, std::size_t& body_limit) {
  const Dialect dialect = dialect_of(request.path);
  const auto refused = [&](const Problem& problem) {
    app.metrics.request(problem.status);
    return told(dialect, problem);
  };
  if (const auto problem = check_origin(request, app.hosts)) return refused(*problem);
  const Router::Match match = app.router.find(request.method, request.path);
  if (auto response = wrong_way(request, match, dialect)) {
    app.metrics.request(response->status);
    return response;
  }
  request.captures = match.captures;
  if (const auto problem = check_token(app, *match.route, request)) return refused(*problem);
  request.client = client_of(app, request);
  if (is_write(request.method)) {
    if (const auto problem = check_body(*match.route, request)) return refused(*problem);
  }
  if (const auto problem = check_submitting(app, *match.route, request)) return refused(*problem);
  body_limit = match.route->body_limit;
  return std::nullopt;
}

void handle(App& app, const RequestPtr& request, const Respond& respond) {
  const auto start = std::chrono::steady_clock::now();
  const Respond counted = [&app, request, respond, start](HttpResponse response) {
    app.metrics.request(response.status);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start);
    app.log.write(response.status == 500 ? LogLevel::kError : LogLevel::kDebug, "request",
                  {{"method", request->method},
                   {"path", request->path.substr(0, 200)},
                   {"status", response.status},
                   {"seconds", took.count()},
                   {"client", request->client}});
    respond(std::move(response));
  };
  const Router::Match match = app.router.find(request->method, request->path);
  try {
    match.route->handler(request, counted);
  } catch (const std::exception& error) {
    const Problem problem = problem_of(error);
    if (problem.status == 500) {
      app.metrics.trouble();
      app.log.write(LogLevel::kError, "a request failed", {{"error", problem.detail}});
    }
    counted(told(match.route->dialect, problem));
  }
}

}  // namespace easel::server
