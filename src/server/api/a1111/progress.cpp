// How far the job that is drawn is, and how it is stopped.

#include <algorithm>

#include "server/api/a1111/a1111.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::int64_t kPreviewsMs = 5000;  // how long one look at the progress asks for previews

}  // namespace

void a1111_progress(App& app, const RequestPtr& request, const Respond& respond) {
  const std::string* skip = request->parameter("skip_current_image");
  const bool with_image = skip == nullptr || (*skip != "true" && *skip != "True" && *skip != "1");
  if (with_image) app.running.previews_until = now_ms() + kPreviewsMs;
  // That API knows one job at a time: the first.
  const bool draws = !app.running.empty();
  const std::string id = draws ? app.running.all().begin()->first : "";
  const Running::Job now = draws ? app.running.all().begin()->second : Running::Job{};
  double done = 0;
  double left = 0;
  Json state = {{"skipped", false}, {"interrupted", false},       {"stopping_generation", false},
                {"job", id},        {"job_count", draws ? 1 : 0}, {"job_timestamp", ""},
                {"job_no", 0},      {"sampling_step", 0},         {"sampling_steps", 0}};
  if (now.progress) {
    const Progress& progress = *now.progress;
    const double count = std::max(progress.count, 1);
    const double steps = std::max(progress.steps, 1);
    done =
        std::min(1.0, (progress.first_picture + progress.pictures * progress.step / steps) / count);
    left = progress.seconds_left.value_or(0);
    state["sampling_step"] = progress.step;
    state["sampling_steps"] = progress.steps;
    state["job_count"] = progress.count;
    state["job_no"] = progress.first_picture;
  }
  Json image = nullptr;
  if (with_image && !now.preview.empty()) image = enlarged_preview(now.preview[0]);
  respond(json_response({{"progress", done},
                         {"eta_relative", left},
                         {"state", std::move(state)},
                         {"current_image", std::move(image)},
                         {"textinfo", nullptr}}));
}

void a1111_interrupt(App& app, const RequestPtr& request, const Respond& respond) {
  if (app.running.empty()) return respond(json_response(Json::object()));
  const App::Fail fail = fail_with(*request, respond);
  app.cancel(
      app.running.all().begin()->first, request->owner,
      [respond](const std::optional<JobSight>&) { respond(json_response(Json::object())); },
      [respond, fail](const Problem& problem) {
        // That API interrupts whatever is drawn; somebody else's goes on, and that is no trouble.
        if (problem.status == 403) return respond(json_response(Json::object()));
        fail(problem);
      });
}

}  // namespace easel::server
