#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atelier/draw_job.h"
#include "store/job.h"
#include "store/picture.h"

namespace easel {

/// How far a job is.
struct Progress {
  int step = 0;
  int steps = 0;
  int first_picture = 0;
  int pictures = 0;
  int count = 0;
  int pictures_done = 0;
  double seconds = 0;
  std::optional<double> seconds_left;
};

/// What is to be seen of pictures that are being drawn, each a small PNG file.
struct Preview {
  int step = 0;
  int first_picture = 0;
  int width = 0;  ///< of the latents
  int height = 0;
  std::vector<std::string> pictures;
  std::vector<std::string> latents;  ///< empty: nobody watches them
};

/// What a run took, for estimates; of pictures of the recipe's own size, before a second pass.
struct RunTimes {
  double step = 0;    ///< seconds a step and picture
  double decode = 0;  ///< seconds a picture
};

/// Whom a worker tells what it does. Called on the worker's own threads.
class EventSink {
 public:
  virtual ~EventSink() = default;

  virtual void tell_started(const JobRecord& job) = 0;
  virtual void tell_step(const std::string& job, const Progress& progress) = 0;
  virtual void tell_preview(const std::string& job, const Preview& preview) = 0;
  virtual void tell_picture(const PictureRecord& picture) = 0;
  virtual void tell_note(const std::string& job, const std::string& note) = 0;
  virtual void tell_ended(const std::string& job) = 0;  ///< or queued again
  virtual void tell_times(const DrawJob& job, const RunTimes& times) = 0;
  /// Whose weights are in memory ("": none's), or on their way there.
  virtual void tell_model(const std::string& model, bool loading) = 0;
  virtual void tell_paused(bool paused) = 0;
  virtual void tell_trouble(const std::string& what) = 0;  ///< for the log

  /// What anyone watches of a job.
  struct Watch {
    bool previews = false;
    bool latents = false;
  };
  virtual Watch watch_of(const std::string& job) = 0;
  /// What a picture is expected to cost, if known.
  virtual std::optional<RunTimes> expected(const DrawJob& job) = 0;
};

}  // namespace easel
