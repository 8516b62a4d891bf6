#include "server/app.h"
#include "server/options.h"

namespace easel::server {

void serve(const ServeOptions& options, const Engine& engine) { App(options, engine).run(); }

}  // namespace easel::server
