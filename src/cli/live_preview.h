#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "cli/console.h"
#include "pipeline/drawing/step_preview.h"

namespace easel::cli {

/// Adds --preview; "" stays for none.
void add_preview_option(CLI::App& app, std::string& name, const char* group);

/// Shows the picture while it is drawn: in place on a terminal that can, else in a file that is
/// replaced after each step.
class LivePreview {
 public:
  struct Spec {
    std::string kind;  ///< "linear" or "decoder", as typed
    Console console;
    bool on_terminal = false;  ///< where the terminal can show pictures
    /// Where the file goes, asked when it is not there yet.
    std::function<std::filesystem::path()> file;
  };
  LivePreview(DrawingModel& model, Spec spec);
  /// Wipes.
  ~LivePreview();
  LivePreview(const LivePreview&) = delete;
  LivePreview& operator=(const LivePreview&) = delete;

  /// For DrawHooks::on_step. Throws what writing a picture throws.
  void show(const DrawStep& step);
  /// Takes the preview away, as before the finished picture is written.
  void wipe();

 private:
  void write(const Image& image);

  StepPreview preview_;
  const Spec spec_;
  const bool on_terminal_;
  bool shown_ = false;
  std::filesystem::path file_;
  std::filesystem::path made_folder_;  // that nobody else made
};

}  // namespace easel::cli
