#pragma once

#include <string>

// Text that may come from files or arguments, for standard output: of control characters only line
// ends get through, as in print_line() and print_error_line().

namespace easel {
class Json;
}

namespace easel::cli {

/// Throws as print().
void print_text(const std::string& text);
void print_json(const Json& json);

}  // namespace easel::cli
