#pragma once

#include "server/app/options.h"

namespace easel::server {

/// Serves until SIGINT, SIGTERM or SIGHUP; the running job is finished, or given back to the queue
/// within 30 s (at once at the second signal). Throws kUsage for a data folder that another process
/// has, an address that is taken, and one beyond this computer without tokens; what opening the
/// default model throws.
void serve(const ServeOptions& options, const Engine& engine);

}  // namespace easel::server
