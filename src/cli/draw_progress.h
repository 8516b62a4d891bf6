#pragma once

#include <chrono>
#include <string>

#include "cli/progress.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel::cli {

/// Follows one request: tells the progress line, and how long each picture took. Pictures that go
/// through the network together share its time.
class DrawProgress {
 public:
  /// `which`: which request of how many this is, "7 of 30"; a log then gets one line for each.
  explicit DrawProgress(Progress& progress, std::string which = "");

  void on_step(const DrawStep& step);
  /// Call when a picture is decoded.
  double seconds_of_picture();
  /// Since the request began.
  double seconds() const;

 private:
  Progress& progress_;
  std::string which_;
  std::chrono::steady_clock::time_point start_;
  TimeLeft time_left_;
  int batch_pictures_ = 1;
  double batch_start_ = 0;  // when the batch before was decoded
  double batch_denoised_ = 0;
  double last_picture_ = 0;
};

}  // namespace easel::cli
