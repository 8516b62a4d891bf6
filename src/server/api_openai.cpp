#include "server/app.h"
namespace easel::server {
void add_openai_routes(App&) {}
}  // namespace easel::server
