#include "cli/draw_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/units.h"

namespace easel::cli {
namespace {

std::string pictures_of(const DrawStep& step) {
  if (step.count <= 1) return "";
  const int first = step.first_picture + 1;
  if (step.pictures <= 1) return fmt::format("picture {} of {}, ", first, step.count);
  return fmt::format("pictures {} to {} of {}, ", first, first + step.pictures - 1, step.count);
}

}  // namespace

DrawProgress::DrawProgress(Progress& progress, std::string which)
    : progress_(progress), which_(std::move(which)), start_(std::chrono::steady_clock::now()) {}

double DrawProgress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void DrawProgress::on_step(const DrawStep& step) {
  const double now = seconds();
  if (step.step == 1) batch_start_ = last_picture_;
  batch_pictures_ = std::max(1, step.pictures);
  batch_denoised_ = last_picture_ = now;
  const double pictures_done =
      step.first_picture + step.pictures * static_cast<double>(step.step) / std::max(1, step.steps);
  const double fraction = pictures_done / std::max(1, step.count);
  const double left = time_left_.at(fraction, now);
  if (!which_.empty() && progress_.is_plain() && fraction < 1) return;
  const std::string which = which_.empty() ? "" : which_ + ", ";
  progress_.update(fraction,
                   which + fmt::format("{}step {} of {}, {}{}", pictures_of(step), step.step,
                                       step.steps, human_seconds(now),
                                       left < 0 ? "" : ", " + human_seconds(left) + " left"));
}

double DrawProgress::seconds_of_picture() {
  const double now = seconds();
  const double denoising = (batch_denoised_ - batch_start_) / batch_pictures_;
  const double decoding = now - last_picture_;
  last_picture_ = now;
  return denoising + decoding;
}

}  // namespace easel::cli
