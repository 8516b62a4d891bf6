#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace easel::cli {

/// `easel gallery add`: pictures of any program join the gallery.
struct GalleryAddOptions {
  std::string data;  ///< the gallery's folder; empty: the person's own
  std::vector<std::string> inputs;
  bool recursive = false;
  bool quiet = false;
};

/// The subcommand, but for --data.
CLI::App* add_gallery_add(CLI::App& gallery, GalleryAddOptions& options);

/// Throws kUsage where another process writes to the gallery, and after the last picture where one
/// could not be read.
void run_gallery_add(const GalleryAddOptions& options, const Context& context);

}  // namespace easel::cli
