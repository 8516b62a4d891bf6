#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/app/app.h"

namespace easel::server {

/// AUTOMATIC1111's enable_hr (a second pass at a larger size) as Easel's rows in `own`, where the
/// size drawn stands already. Returns how large the pictures shall be; nothing without it.
std::optional<Image::Size> read_second_pass(Fields& fields, const App& app, Json& own,
                                            std::vector<std::string>& notes);

/// The name of that program for a row of a second pass; empty: the row is none of these.
std::string second_pass_name(std::string_view row);

}  // namespace easel::server
