#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace easel::cli {

// What Python's argparse takes and CLI11 does not, for the command that stands in for a script.

/// Long options that are written with their beginning alone ("--ddim_s 50"), written out. Throws
/// kUsage where a beginning could be several options.
std::vector<std::string> written_out(const CLI::App& command, std::vector<std::string> arguments);

/// Of an option that comes twice the last one counts.
void let_the_last_count(CLI::App& command);

}  // namespace easel::cli
