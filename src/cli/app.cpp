#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "cli/argparse.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/safe_print.h"
#include "cli/verbatim.h"
#include "core/edit_distance.h"
#include "core/error.h"
#include "core/json.h"
#include "core/printable.h"
#include "core/shell.h"

namespace easel::cli {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

constexpr const char* kDescription = "Easel turns a sentence into pictures, on your own computer.";
constexpr const char* kExamples = R"(Examples:
  easel draw "a cat wearing sunglasses, in the style of Van Gogh"
  easel draw "a ship at sea" --count 4 --seed 7 -o ships/
  easel upscale ships/ -o large/
  easel inspect outputs/0001-a-ship-at-sea.png

'easel COMMAND --help' says what a command takes.)";

int exit_code_for(ErrorCode code, const InterruptGuard& interrupt) {
  switch (code) {
    case ErrorCode::kUsage:
      return kUsage;
    case ErrorCode::kCancelled:
      return interrupt.exit_code();
    case ErrorCode::kNotFound:
    case ErrorCode::kInvalidFile:
    case ErrorCode::kWrongModel:
    case ErrorCode::kUnsupported:
    case ErrorCode::kIo:
    case ErrorCode::kNoSpace:
    case ErrorCode::kNoMemory:
    case ErrorCode::kNetwork:
      return kFailed;
  }
  return kFailed;
}

// Names from files and arguments may hold anything; an error stays on one line and cannot steer the
// terminal.
std::string on_one_line(const std::string& text) {
  std::string line = without_controls(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

void report(const std::string& message) { print_error_line("easel: " + on_one_line(message)); }

// CLI11's messages begin with a capital and end with a full stop; ours do not.
std::string in_our_style(std::string message) {
  if (message.size() > 1 && std::isupper(static_cast<unsigned char>(message[0])) &&
      std::islower(static_cast<unsigned char>(message[1]))) {
    message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  }
  while (!message.empty() && (message.back() == '.' || message.back() == '\n')) message.pop_back();
  return message;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string about_unknown(const CLI::App& app) {
  std::string unknown;
  for (const std::string& argument : app.remaining(true)) {
    if (unknown.empty() || (argument.starts_with('-') && !unknown.starts_with('-')))
      unknown = argument;
  }
  unknown = unknown.substr(0, unknown.find('='));
  const std::string near = nearest(unknown, option_names(app));
  return "'" + unknown + "' was not expected" +
         (near.empty() ? std::string() : " (did you mean '" + near + "'?)");
}

// The argument that should be a command, when it is none: the first, unless it is an option.
std::optional<std::string> unknown_command(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with('-')) return std::nullopt;
  for (const Command& command : commands()) {
    if (arguments[0] == command.name) return std::nullopt;
  }
  return arguments[0];
}

int refuse_command(const std::string& name, const std::string& program) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  const std::string near = nearest(name, names);
  // A sentence straight after `easel` is what people try first.
  const bool sentence = name.find(' ') != std::string::npos;
  if (sentence) {
    report("to draw a sentence: " + shell_quoted(program) + " draw " + shell_quoted(name));
  } else if (!near.empty()) {
    report("there is no command '" + name + "'; did you mean '" + near + "'?");
  } else {
    report("there is no command '" + name + "'; " + shell_quoted(program) + " --help lists them");
  }
  return kUsage;
}

// What went wrong, for programs: on standard output, where they look for the result.
void report_json(int exit_code, const std::string& message) {
  try {
    print_json({{"error", {{"message", on_one_line(message)}, {"exit_code", exit_code}}}});
  } catch (const Error&) {
    // Standard output is what is broken; the line on standard error says so.
  }
}

// Ends a command with a message, in both forms where JSON was asked for.
class Ending {
 public:
  explicit Ending(bool json) : json_(json) {}

  int with(int exit_code, const std::string& message) const {
    if (json_) report_json(exit_code, message);
    report(message);
    return exit_code;
  }

 private:
  bool json_;
};

int run_action(const Action& action, const std::string& program, const Ending& ending) {
  const InterruptGuard interrupt;
  try {
    action({.program = program, .cancel = interrupt.token()});
    return kDone;
  } catch (const FailedInPart& error) {
    report(error.what());
    return exit_code_for(error.code(), interrupt);
  } catch (const Error& error) {
    const bool stopped = error.code() == ErrorCode::kCancelled;
    return ending.with(exit_code_for(error.code(), interrupt), stopped ? "stopped" : error.what());
  } catch (const std::bad_alloc&) {
    return ending.with(kFailed, "out of memory: a smaller picture, or fewer of them, takes less");
  } catch (const std::exception& error) {
    return ending.with(
        kFailed,
        std::string("unexpected trouble, which is a fault of Easel's own: ") + error.what());
  }
}

bool wants_json(const std::vector<std::string>& arguments) {
  const auto end = std::ranges::find(arguments, "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

// The parser and what runs each of its commands.
struct Parser {
  explicit Parser(const std::string& program) : app(kDescription, program) {
    app.set_version_flag("--version", "easel " EASEL_VERSION, "Print the version");
    app.set_help_flag("-h,--help", "Print this help");
    app.get_formatter()->column_width(30);
    app.require_subcommand(0, 1);
    for (const Command& command : commands()) {
      CLI::App* sub = app.add_subcommand(command.name, command.summary);
      actions.push_back({sub, command.add(*sub)});
    }
    app.footer(kExamples);  // last: a command takes over what is there when it is made
  }

  // The command, or the command's command, that was to be run.
  const CLI::App& asked_for() const {
    const CLI::App* asked = &app;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
    return *asked;
  }

  // "gallery draw"
  std::string words_of(const CLI::App& command) const {
    if (&command == &app) return "";
    const std::string before = words_of(*command.get_parent());
    return before + (before.empty() ? "" : " ") + command.get_name();
  }

  CLI::App* command_named(const std::string& name) const {
    for (const auto& [sub, action] : actions) {
      if (sub->get_name() == name) return sub;
    }
    return nullptr;
  }

  CLI::App app;
  std::vector<std::pair<CLI::App*, Action>> actions;
};

}  // namespace

int run(int argc, char** argv) {
  const std::string program = argc > 0 ? argv[0] : "easel";
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  std::transform(arguments.begin(), arguments.end(), arguments.begin(), marked_verbatim);
  if (arguments.empty()) arguments.emplace_back("--help");
  if (arguments[0] == "help")
    arguments = {arguments.size() > 1 ? arguments[1] : "--help", "--help"};
  if (const auto name = unknown_command(arguments)) return refuse_command(*name, program);

  Parser parser(program);
  const Ending ending(wants_json(arguments));
  try {
    // The scripts that they stand in for take options as argparse does.
    if (arguments[0] == "txt2img" || arguments[0] == "img2img") {
      const CLI::App& script = *parser.command_named(arguments[0]);
      arguments = written_out(script, std::move(arguments));
    }
    parser.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wanted) {  // --help, --version
    return parser.app.exit(wanted, std::cout, std::cerr);
  } catch (const CLI::ExtrasError&) {
    const CLI::App& command = parser.asked_for();
    const std::string words = parser.words_of(command);
    return ending.with(kUsage, about_unknown(command) + "; see '" + shell_quoted(program) +
                                   (words.empty() ? "" : " " + words) + " --help'");
  } catch (const CLI::ParseError& error) {
    return ending.with(kUsage, in_our_style(error.what()));
  } catch (const Error& error) {  // from an option's own check
    return ending.with(kUsage, error.what());
  }
  for (const auto& [sub, action] : parser.actions) {
    if (sub->parsed()) return run_action(action, program, ending);
  }
  return kDone;
}

}  // namespace easel::cli
