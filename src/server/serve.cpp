#include "server/serve.h"

#include "http/static_files.h"
#include "server/api/routes.h"
#include "server/app/app.h"

namespace easel::server {

void serve(const ServeOptions& options, const Engine& engine) {
  App app(options, engine);
  add_static_routes(app.web.router, options.web);
  add_health_routes(app);
  add_session_routes(app);
  add_job_routes(app);
  add_queue_routes(app);
  add_picture_routes(app);
  add_given_routes(app);
  add_import_routes(app);
  add_engine_routes(app);
  add_sheet_routes(app);
  add_openai_routes(app);
  add_a1111_routes(app);
  app.run();
}

}  // namespace easel::server
