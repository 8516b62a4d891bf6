#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atelier/draw_job.h"
#include "atelier/engine.h"
#include "core/cancel.h"
#include "store/picture_files.h"
#include "store/records.h"

namespace easel {

/// A subject or a style: what it is called and what it puts into the prompt.
struct MatrixEntry {
  std::string name;
  std::string text;
};

/// Every subject in every style, `settings.count` pictures each.
struct MatrixRequest {
  std::vector<MatrixEntry> subjects;
  std::vector<MatrixEntry> styles;
  std::string join = ", ";
  /// How they are drawn; prompt, subject and style are the matrix's. Complete: no field left to a
  /// default.
  DrawJob settings;
};

/// How far it is, in pictures of the whole matrix.
struct MatrixProgress {
  int done = 0;  ///< drawn in this run or before it
  int total = 0;
  double drawing = 0;  ///< pictures' worth of those under way
  std::string pair;    ///< the prompt being drawn
};

struct MatrixHooks {
  std::function<void(const MatrixProgress&)> on_progress;
  std::function<void(const std::string&)> on_note;
  const CancelToken* cancel = nullptr;
};

struct MatrixReport {
  int drawn = 0;
  int kept = 0;  ///< were in the gallery already
};

/// Draws what the gallery does not have yet and puts each picture into it as soon as it is done, so
/// that a run that was stopped goes on where it was. `upscaler` may be null when
/// nothing is enlarged. Throws what drawing throws, kCancelled, kNoSpace, kIo.
MatrixReport draw_matrix(const MatrixRequest& request, DrawingModel& model,
                         const Enlarger* upscaler, Records& records, const PictureFiles& files,
                         const MatrixHooks& hooks = {});

}  // namespace easel
