#pragma once

#include <optional>
#include <string>

#include "cli/model_options.h"
#include "image/settings.h"
#include "pipeline/text_to_image.h"

namespace easel::cli {

/// Pictures laid out in one: "4x2" is four columns, two rows.
struct GridSize {
  int columns = 0;
  int rows = 0;
};
std::string to_text(const GridSize& grid);
/// Nothing for text that is no such size, of 1 to 64 columns and rows.
std::optional<GridSize> parse_grid(const std::string& text);

/// How a drawn picture was enlarged before it was written.
struct DrawnUpscale {
  double factor = 1;
  std::string upscaler;  ///< name
};

/// What `easel txt2img` draws as one run, beyond the request.
struct Txt2imgRun {
  int iterations = 1;
  int samples = 1;
  int picture = 0;  ///< which of the run's pictures, from 0; -1: the grid of all
};

/// What is embedded in a picture drawn by `request` (checked: nothing left to a default, seed as
/// for this picture).
Settings settings_for(const DrawRequest& request, const std::string& model_name,
                      const ModelOptions& options);
/// Marks settings as those of a grid, of an enlarged picture, or of a picture of a txt2img run.
void add_grid(Settings& settings, const GridSize& grid);
void add_upscale(Settings& settings, const DrawnUpscale& upscale);
void add_txt2img_run(Settings& settings, const Txt2imgRun& run);

/// The command that draws the picture again, to be typed into a shell; empty when the settings hold
/// no seed or prompt. The model is the one that `options` name, else the one that the settings do.
std::string redraw_command(const std::string& program, const Settings& settings,
                           const ModelOptions* options = nullptr);

}  // namespace easel::cli
