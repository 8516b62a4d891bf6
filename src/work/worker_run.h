#pragma once

#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "work/step_times.h"
#include "work/worker.h"

namespace easel {

/// One job while it is being worked on. The saving thread counts and reports here too.
struct Worker::Run {
  Run(const JobRecord& record, std::string name) : job(record), worker(std::move(name)) {}

  /// The first trouble with saving; null when there was none.
  std::exception_ptr save_error() const {
    const std::lock_guard lock(mutex);
    return error;
  }
  void fail_saving(std::exception_ptr reason) {
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(reason);
    cancel.cancel();
  }
  Lease lease() const { return {job.id, job.attempt, worker}; }
  /// Makes a picture the one at `index` of the job.
  void sign(PictureRecord& picture, int index) const {
    const auto place = static_cast<std::size_t>(index);
    picture.id = job.picture_ids.at(place);
    picture.job = job.id;
    picture.index = index;
    picture.listed = job.listed;
    // One that was left off is not what the same request gives another time.
    const bool whole = !picture.recipe.unfinished && place < job.hashes.size();
    picture.hash = whole ? job.hashes[place] : "";
  }
  /// Bytes on disk that its pictures may take.
  std::int64_t space_needed() const;
  std::int64_t files_needed() const;
  /// Measures a step that is done, and says how far the run is. `thought`: what a step is expected
  /// to take before the first was measured, and a finished picture's decoding.
  Progress at_step(const DrawStep& step, const StepSizes& sizes, const RunTimes& thought);

  JobRecord job;
  std::string worker;
  DrawJob draw;
  CancelToken cancel;          // at once
  CancelToken enough{cancel};  // what is there is kept
  std::atomic<Why> why{Why::kNone};
  std::atomic<int> pictures_done{0};
  mutable std::mutex mutex;
  std::exception_ptr error;  // under mutex

  // Times of the batch under way.
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  double last_step_at = 0;
  int last_step = 0;
  int batch_pictures = 1;
  double step_seconds = 0;  // a step of the whole batch at the recipe's own size, smoothed
  int decoded_in_batch = 0;
};

/// A fitted preview from its file; nothing when it is not there or not sound.
std::optional<LatentPreview> read_preview(const std::filesystem::path& file);
/// Trouble is ignored: it is fitted again.
void write_preview(const std::filesystem::path& file, const LatentPreview& preview);

}  // namespace easel
