#pragma once

#include <map>
#include <string>

#include "atelier/enlarger.h"
#include "cli/places.h"
#include "core/cancel.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel::cli {

/// What enlarges the pictures of one command, between two passes and after the last one. Each
/// network is opened once.
class Enlargers {
 public:
  struct Spec {
    BackendOptions backend;
    const Places& places;
    std::string program;
    const CancelToken& cancel;
  };
  explicit Enlargers(Spec spec) : spec_(std::move(spec)) {}

  /// Opens all that the recipe's pictures need, `wanted` (as --upscaler has it) after the last
  /// pass, and tells the recipe its name. Throws as open_enlarger.
  void open_for(Recipe& recipe, const std::string& wanted);

  /// Enlarges between two passes, where that is a network's work.
  void help(const Recipe& recipe, DrawHooks& hooks);
  /// A drawn picture with all that comes after drawing. Throws as Enlarger::run.
  Image enlarged(Image drawn, const Recipe& recipe, const std::string& wanted);

 private:
  const Enlarger& named(const std::string& wanted);

  const Spec spec_;
  std::map<std::string, Enlarger> open_;
};

}  // namespace easel::cli
