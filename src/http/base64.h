#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

std::string base64(std::string_view bytes);
/// The inverse, padding optional, lines of any length; nothing for text that is no base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace easel
