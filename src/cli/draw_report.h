#pragma once

#include <string>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/draw_options.h"
#include "cli/output_path.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "core/error.h"
#include "core/json.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel::cli {

/// Keeps what `easel draw` drew and says so: a line a picture with the command that draws it again,
/// or with --json one result at the end. All arguments must outlive it.
class DrawReport {
 public:
  struct Spec {
    const DrawCommandOptions& options;
    const Context& context;
    const Console& console;
    Progress& progress;
  };
  explicit DrawReport(const Spec& spec) : spec_(spec) {}

  /// What draws, for the result.
  void begin(const DrawingModel& model);

  struct Told {
    double seconds = 0;
    Json notes;
  };
  /// Writes a picture, to its file or to standard output. Throws as OutputPlan::write.
  void keep(OutputPlan& output, const Image& image, const Recipe& recipe, const Told& told);
  /// A line of --from-file that could not be drawn.
  void failed(const Prompt& prompt, const Error& error);
  std::size_t failures() const { return failures_.size(); }
  void finish();

 private:
  void show(const std::string& path, const Image& image, const std::string& facts) const;

  const Spec spec_;
  std::string model_;
  Arithmetic arithmetic_;
  Json pictures_ = Json::array();
  Json failures_ = Json::array();
};

}  // namespace easel::cli
