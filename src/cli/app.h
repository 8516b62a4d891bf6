#pragma once

namespace easel::cli {

/// The whole program: parses the arguments, runs the command, and turns every error into one line
/// on standard error. Returns the exit code: 0 done, 1 could not be done, 2 asked for wrongly, 130
/// stopped by Ctrl-C.
int run(int argc, char** argv);

}  // namespace easel::cli
