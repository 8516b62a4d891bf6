#include "server/app.h"
namespace easel::server {
void add_a1111_routes(App&) {}
}  // namespace easel::server
