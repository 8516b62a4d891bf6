#include "cli/verbatim.h"

namespace easel::cli {
namespace {

constexpr char kMark = '\1';

}  // namespace

std::string marked_verbatim(std::string argument) {
  if (argument.starts_with('[') && argument.ends_with(']'))
    argument.insert(argument.begin(), kMark);
  return argument;
}

std::vector<std::string> without_marks(std::vector<std::string> arguments) {
  for (std::string& argument : arguments) {
    if (argument.size() > 1 && argument[0] == kMark && argument[1] == '[') argument.erase(0, 1);
  }
  return arguments;
}

}  // namespace easel::cli
