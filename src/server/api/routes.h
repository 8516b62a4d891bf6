#pragma once

#include "server/app/app.h"

namespace easel::server {

// The routes, by topic.
void add_job_routes(App& app);
void add_queue_routes(App& app);
void add_picture_routes(App& app);
void add_given_routes(App& app);
void add_import_routes(App& app);
void add_engine_routes(App& app);
void add_sheet_routes(App& app);
void add_session_routes(App& app);
void add_health_routes(App& app);
void add_openai_routes(App& app);
void add_a1111_routes(App& app);

}  // namespace easel::server
