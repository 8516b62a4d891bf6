#pragma once

#include <string>
#include <vector>

namespace easel::cli {

/// CLI11 takes an argument "[a, b]" for a list and splits it, also where it is one prompt. Such an
/// argument is marked before parsing …
std::string marked_verbatim(std::string argument);
/// … and lists of arguments get their marks taken off after it.
std::vector<std::string> without_marks(std::vector<std::string> arguments);

}  // namespace easel::cli
