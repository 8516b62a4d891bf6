#include "cli/argparse.h"

#include "core/error.h"

namespace easel::cli {
namespace {

std::vector<std::string> long_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// "--ddim_s" is "--ddim_steps"; what is no beginning of any, or a whole name, stays.
std::string whole_name(const std::string& beginning, const std::vector<std::string>& names) {
  std::vector<std::string> meant;
  for (const std::string& name : names) {
    if (name == beginning) return name;
    if (name.starts_with(beginning)) meant.push_back(name);
  }
  if (meant.empty()) return beginning;
  if (meant.size() == 1) return meant.front();
  std::string list;
  for (const std::string& name : meant) list += (list.empty() ? "" : ", ") + name;
  fail(ErrorCode::kUsage, "'{}' could be any of {}: write more of it", beginning, list);
}

}  // namespace

std::vector<std::string> written_out(const CLI::App& command, std::vector<std::string> arguments) {
  const std::vector<std::string> names = long_names(command);
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("--")) continue;
    const std::size_t value = std::min(argument.find('='), argument.size());
    argument = whole_name(argument.substr(0, value), names) + argument.substr(value);
  }
  return arguments;
}

void let_the_last_count(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    if (option->get_type_size() > 0) option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

}  // namespace easel::cli
