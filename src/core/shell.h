#pragma once

#include <string>
#include <string_view>

namespace easel {

/// A word as a POSIX shell must be given it: as it is where that is safe, else in quotes.
std::string shell_quoted(std::string_view word);

}  // namespace easel
