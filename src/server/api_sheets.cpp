#include "server/app.h"
namespace easel::server {
void add_sheet_routes(App&) {}
}  // namespace easel::server
