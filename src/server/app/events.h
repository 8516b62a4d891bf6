#pragma once

#include "server/app/app.h"
#include "work/event_sink.h"

namespace easel::server {

/// Tells the app, its listeners and its log what the worker does: on the loop, where the worker's
/// threads post it.
class Events : public EventSink {
 public:
  explicit Events(App& app) : app_(app) {}

  void tell_started(const JobRecord& job) override;
  void tell_step(const std::string& job, const Progress& progress) override;
  void tell_preview(const std::string& job, const Preview& preview) override;
  void tell_picture(const PictureRecord& picture) override;
  void tell_note(const std::string& job, const std::string& note) override;
  void tell_ended(const std::string& job) override;
  void tell_times(const DrawJob& job, const RunTimes& times) override;
  void tell_model(const std::string& model, bool loading) override;
  void tell_paused(bool paused) override;
  void tell_trouble(const std::string& what) override;
  Watch watch_of(const std::string& job) override;
  std::optional<RunTimes> expected(const DrawJob& job) override;

 private:
  App& app_;
};

}  // namespace easel::server
