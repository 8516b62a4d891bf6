#include <chrono>

#include "http/cross_origin.h"
#include "server/app/app.h"

namespace easel::server {

App::Fail fail_with(const Respond& respond) {
  return [respond](const Problem& problem) { respond(response_of(problem)); };
}

App::Fail fail_with(const HttpRequest& request, const Respond& respond) {
  return [tell = request.tell, respond](const Problem& problem) { respond(tell(problem)); };
}

void handle(App& app, const RequestPtr& request, const Respond& respond) {
  const auto start = std::chrono::steady_clock::now();
  const Respond counted = [&app, request, respond, start](HttpResponse response) {
    app.metrics.request(response.status);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start);
    app.metrics.answered(request->route->method + " " + request->route->pattern, took.count());
    app.log.write(response.status == 500 ? LogLevel::kError : LogLevel::kDebug, "request",
                  {{"method", request->method},
                   {"path", request->path.substr(0, 200)},
                   {"status", response.status},
                   {"seconds", took.count()},
                   {"client", request->client}});
    let_read(*request, response);
    respond(std::move(response));
  };
  try {
    request->route->handler(request, counted);
  } catch (const std::exception& error) {
    const Problem problem = problem_of(error);
    if (problem.status == 500) {
      app.metrics.trouble();
      app.log.write(LogLevel::kError, "a request failed", {{"error", problem.detail}});
    }
    counted(request->tell(problem));
  }
}

}  // namespace easel::server
