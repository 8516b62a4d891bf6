#pragma once

#include "server/app/app.h"

namespace easel::server {

/// A query's parameters as an object of texts.
Json query_object(const HttpRequest& request);

/// Of the request's header. Throws 422 for one that is too long or not printable.
IdempotencyKey idempotency_key(const HttpRequest& request);

/// Submits a job and answers 202 with it, as the own API does.
void submit_and_answer(App& app, const HttpRequest& request, NewJob job, bool reuse,
                       const Respond& respond);

}  // namespace easel::server
