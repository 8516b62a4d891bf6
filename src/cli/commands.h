#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/cancel.h"
#include "core/error.h"

namespace easel::cli {

/// What a command gets besides its own options.
struct Context {
  std::string program;        ///< as the person called it ("./easel"), for commands to type
  const CancelToken& cancel;  ///< raised by Ctrl-C
};

/// A command failed in part, and its --json says in what: there is no other JSON to print.
class FailedInPart : public Error {
 public:
  using Error::Error;
};

/// Does a command's work once its options are parsed. Throws Error.
using Action = std::function<void(const Context&)>;

/// A row of the table of commands. To add a command, write one file with its `add_…` function,
/// declare it below, and give it a line in commands.cpp.
struct Command {
  const char* name;
  const char* summary;  ///< one line of `easel --help`
  /// Adds the command's options to its parser and returns what runs them.
  Action (*add)(CLI::App& app);
};

std::span<const Command> commands();

Action add_draw(CLI::App& app);
Action add_plot(CLI::App& app);
Action add_txt2img(CLI::App& app);
Action add_img2img(CLI::App& app);
Action add_upscale(CLI::App& app);
Action add_serve(CLI::App& app);
Action add_gallery(CLI::App& app);
Action add_inspect(CLI::App& app);
Action add_convert(CLI::App& app);
Action add_models(CLI::App& app);
Action add_fetch(CLI::App& app);
Action add_bench(CLI::App& app);

}  // namespace easel::cli
