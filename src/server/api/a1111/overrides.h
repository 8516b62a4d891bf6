#pragma once

#include <string>
#include <vector>

#include "server/app/app.h"

namespace easel::server {

/// What that program's settings say of a picture, in Easel's names: "model", "clip_skip",
/// "seed_delta", "emphasis"; what is not said is not in it. Unknown settings and nulls are passed
/// over. What is known and cannot be done is a line in `notes`.
Json own_settings(Fields& settings, const Models& models, std::vector<std::string>& notes);

/// The settings that a request overrides: those that `set` holds, changed by its
/// `override_settings`. Faults go to `fields`.
Json read_overrides(Fields& fields, const Json& set, const Models& models,
                    std::vector<std::string>& notes);

}  // namespace easel::server
