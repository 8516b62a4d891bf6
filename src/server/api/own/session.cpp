#include "server/api/routes.h"
#include "server/app/app.h"

namespace easel::server {
namespace {

void log_in(App& app, const HttpRequest& request, const Respond& respond) {
  const Json body = parse_object(request.body);
  Fields fields(body, {});
  const std::string token = fields.text("token", "", {.least = 1, .most = 200});
  fields.finish();
  HttpResponse response{.status = 204};
  if (app.web.gate.tokens().needed()) {
    if (!app.web.gate.tokens().name_of(token))
      refuse(401, "this token is not one of this server's");
    response.headers.emplace_back("Set-Cookie", std::string(kCookie) + "=" + token +
                                                    "; Path=/; HttpOnly; SameSite=Strict; "
                                                    "Max-Age=31536000");
  }
  respond(std::move(response));
}

}  // namespace

void add_session_routes(App& app) {
  app.web.router.add({.method = "POST",
                      .pattern = "/api/v1/session",
                      .handler = [&app](const RequestPtr& request,
                                        const Respond& respond) { log_in(app, *request, respond); },
                      .access = Access::kPublic,
                      .body = BodyKind::kJson,
                      .body_limit = 4096});
  app.web.router.add({.method = "DELETE",
                      .pattern = "/api/v1/session",
                      .handler =
                          [](const RequestPtr&, const Respond& respond) {
                            HttpResponse response{.status = 204};
                            response.headers.emplace_back(
                                "Set-Cookie",
                                std::string(kCookie) +
                                    "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
                            respond(std::move(response));
                          },
                      .access = Access::kPublic});
}

}  // namespace easel::server
