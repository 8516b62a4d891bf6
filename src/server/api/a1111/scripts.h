#pragma once

#include <string>
#include <vector>

#include "core/json_fields.h"

namespace easel::server {

/// Reads `script_name` and `alwayson_scripts`. Scripts are not run here: one that is asked for is a
/// fault, as a script that is not installed is there; one that is sent but turned off is passed
/// over, and so are those that every AUTOMATIC1111 has, with a line in `notes` where they were to
/// do something. Returns whether the extension for dynamic prompts is asked for, whose choices are
/// the prompts' own here.
bool read_scripts(Fields& fields, std::vector<std::string>& notes);

}  // namespace easel::server
