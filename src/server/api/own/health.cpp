#include <algorithm>

#include "server/api/routes.h"
#include "server/app/app.h"

namespace easel::server {
namespace {

void metrics(App& app, const Respond& respond) {
  app.ask(
      [](const Transaction& all) {
        return std::pair(all.jobs().active(""), all.pictures().count());
      },
      [&app, respond](const std::pair<int, std::int64_t>& counts) {
        const ConnectionCounts& connections = app.web.listener->counts();
        Metrics::Gauges gauges;
        gauges.running = app.running.count();
        gauges.queued = std::max(counts.first - gauges.running, 0);
        gauges.connections = connections.open;
        gauges.streams = connections.streams;
        gauges.gallery = counts.second;
        gauges.disk_free = app.storage.folder.space().free;
        gauges.paused = app.threads.worker->paused();
        gauges.model_loaded = !app.drawing.models.loaded.empty();
        gauges.uptime = app.metrics.uptime();
        respond(
            {.type = "text/plain; version=0.0.4; charset=utf-8", .body = app.metrics.text(gauges)});
      },
      fail_with(respond));
}

}  // namespace

void add_health_routes(App& app) {
  app.web.router.add({.method = "GET",
                      .pattern = "/healthz",
                      .handler =
                          [](const RequestPtr&, const Respond& respond) {
                            respond(json_response({{"status", "alive"}}));
                          },
                      .access = Access::kPublic});
  app.web.router.add(
      {.method = "GET",
       .pattern = "/readyz",
       .handler =
           [&app](const RequestPtr&, const Respond& respond) {
             if (app.ready()) return respond(json_response({{"status", "ready"}}));
             respond(response_of(
                 {.status = 503, .detail = app.problem_with_readiness(), .retry_after = 5}));
           },
       .access = Access::kPublic});
  app.web.router.add(
      {.method = "GET",
       .pattern = "/metrics",
       .handler = [&app](const RequestPtr&, const Respond& respond) { metrics(app, respond); }});
}

}  // namespace easel::server
