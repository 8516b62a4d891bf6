#pragma once

#include <string>
#include <string_view>

namespace easel {

/// Text from a file as it may stand in a one-line message, 160 bytes of it at most: controls, marks
/// that turn the direction of writing, and bytes that are not UTF-8 escaped.
std::string printable(std::string_view text);

/// Text of any length and of several lines as a terminal may be given it: as printable(), but whole
/// and with its line feeds.
std::string without_controls(std::string_view text);

/// JSON as a terminal may be given it: what is no plain character stands as \uXXXX.
/// REQUIRES: UTF-8, as a JSON writer makes it, so that such characters are only in its strings
std::string json_without_controls(std::string_view json);

/// Whether this is UTF-8 without control characters, as a tensor's name must be.
bool is_clean_text(std::string_view text);

}  // namespace easel
