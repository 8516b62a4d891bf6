#include "server/app/events.h"

#include "http/base64.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

Json in_base64(const std::vector<std::string>& files) {
  Json list = Json::array();
  for (const std::string& file : files) list.push_back(base64(file));
  return list;
}

}  // namespace

void Events::tell_started(const JobRecord& job) {
  app_.loop.post([&app = app_, job] { app.job_started(job); });
}

void Events::tell_step(const std::string& job, const Progress& progress) {
  app_.loop.post([&app = app_, job, progress] {
    if (const auto seconds = app.running.step(job, progress)) app.metrics.step(*seconds);
    Json data = to_json(progress);
    data["job"] = job;
    app.hub.publish({.job = job, .name = "step", .data = std::move(data)});
  });
}

void Events::tell_preview(const std::string& job, const Preview& preview) {
  app_.loop.post([&app = app_, job, preview] {
    Json data = {{"job", job},
                 {"step", preview.step},
                 {"first_picture", preview.first_picture},
                 {"width", preview.width},
                 {"height", preview.height},
                 {"pictures", in_base64(preview.pictures)}};
    if (!preview.latents.empty()) data["latents"] = in_base64(preview.latents);
    app.running.preview(job, preview.pictures);
    app.hub.preview(job, data);
    app.hub.tell_watchers(job, preview);
  });
}

void Events::tell_picture(const PictureRecord& picture) {
  app_.loop.post([&app = app_, picture] {
    ++app.line_.changes;
    app.metrics.picture();
    const std::string& job = picture.job.value_or("");
    app.hub.publish(
        {.job = job,
         .name = "picture",
         .data = {{"job", job}, {"index", picture.index}, {"picture", to_json(picture)}}});
  });
}

void Events::tell_note(const std::string& job, const std::string& note) {
  app_.loop.post([&app = app_, job, note] {
    ++app.line_.changes;
    app.hub.publish({.job = job, .name = "note", .data = {{"job", job}, {"text", note}}});
  });
}

void Events::tell_ended(const std::string& job) {
  app_.loop.post([&app = app_, job] { app.job_ended(job); });
}

void Events::tell_times(const DrawJob& job, const RunTimes& times) {
  app_.storage.records->write([timing = app_.drawing.times.add(job, times)](
                                  Transaction& all) { all.timings().put(timing); },
                              nullptr);
}

void Events::tell_model(const std::string& model, bool loading) {
  app_.loop.post([&app = app_, model, loading] {
    app.drawing.models.loaded = loading ? "" : model;
    app.drawing.models.loading = loading;
  });
}

void Events::tell_paused(bool paused) {
  app_.loop.post([&app = app_, paused] {
    app.log.write(LogLevel::kWarning, paused ? "the queue waits: the disk is full"
                                             : "the queue goes on: there is space again");
    app.tell_queue();
  });
}

void Events::tell_trouble(const std::string& what) {
  app_.loop.post([&app = app_, what] {
    app.metrics.trouble();
    app.log.write(LogLevel::kError, what);
  });
}

EventSink::Watch Events::watch_of(const std::string& job) {
  const EventHub::Watch watch = app_.hub.watched(job);
  return {.previews = watch.previews || now_ms() < app_.running.previews_until,
          .latents = watch.latents};
}

std::optional<RunTimes> Events::expected(const DrawJob& job) {
  const auto expected = app_.drawing.times.expected(job);
  return expected ? std::optional(expected->times) : std::nullopt;
}

}  // namespace easel::server
