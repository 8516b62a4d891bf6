// The line of jobs: who comes into it, where they stand, and how they leave it.

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/app/app.h"
#include "server/app/limits.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr int kToldPositions = 64;  // how far down the line places are told of

}  // namespace

QueueLimits App::limits_of(const std::string& owner) const {
  const Tokens& tokens = web.gate.tokens();
  if (!tokens.needed()) return kQueueOfAll;
  const Allowance allowance = tokens.allowance_of(owner);
  QueueLimits limits = kQueueOfOwners;
  limits.pictures = allowance.queued;
  limits.hourly = allowance.hourly;
  if (allowance.fast_minutes) limits.fast_ms = std::int64_t{*allowance.fast_minutes} * 60'000;
  return limits;
}

void App::submit(Submit wanted, std::function<void(Submitted)> then, Fail fail) {
  wanted.job.reuse = wanted.reuse;
  if (!wanted.reuse) return put_in_line(wanted, "", std::move(then), std::move(fail));
  ask(
      [hash = wanted.job.hash,
       listed = wanted.job.listed](const Transaction& all) -> std::optional<JobSight> {
        auto drawn = all.jobs().find_done(hash);
        if (!drawn || (listed && !drawn->listed)) return std::nullopt;
        return sight_of(all, *std::move(drawn));
      },
      [this, wanted, then, fail](std::optional<JobSight> drawn) {
        if (drawn && wanted.key.key.empty()) {
          return then({.sight = *std::move(drawn), .replayed = false, .from_gallery = true});
        }
        put_in_line(wanted, drawn ? drawn->job.id : "", then, fail);
      },
      fail);
}

namespace {

struct Answered {
  Submission::Outcome outcome = Submission::Outcome::kAccepted;
  JobSight sight;
  std::int64_t wait = 0;
};

// All of its pictures were there, of whatever jobs.
bool is_done_unclaimed(const JobRecord& job) {
  return job.state == JobState::kDone && job.attempt == 0;
}

Problem key_used() {
  return {.status = 422,
          .type = "key-used",
          .detail = "this Idempotency-Key was used for another request",
          .faults = {{.field = "Idempotency-Key",
                      .value = nullptr,
                      .allowed = "a new key for a new request",
                      .detail = "this key was used for another request"}}};
}

Problem hour_used(std::string detail, std::int64_t wait) {
  return {.status = 429,
          .type = "too-many-pictures",
          .detail = std::move(detail),
          .retry_after = told_wait(wait)};
}

}  // namespace

// `drawn`: a job of the gallery that the key is answered with; empty: a new one.
void App::put_in_line(const Submit& wanted, const std::string& drawn,
                      std::function<void(Submitted)> then, Fail fail) {
  const QueueLimits limits = limits_of(wanted.job.owner);
  const bool ever_fits = wanted.job.count <= limits.pictures.value_or(wanted.job.count);
  write(
      [wanted, limits, drawn](Transaction& all) -> Answered {
        Submission made = drawn.empty()
                              ? all.jobs().submit(wanted.job, wanted.key, limits)
                              : all.jobs().answer_with(drawn, wanted.job.owner, wanted.key);
        return {made.outcome, sight_of(all, std::move(made.job)), made.wait};
      },
      [this, drawn, limits, ever_fits, then = std::move(then), fail](Answered answered) {
        using Outcome = Submission::Outcome;
        const bool is_drawn =
            answered.sight.job.id == drawn || is_done_unclaimed(answered.sight.job);
        switch (answered.outcome) {
          case Outcome::kOtherBody:
            return fail(key_used());
          case Outcome::kQueueFull:
          case Outcome::kOwnerFull:
          case Outcome::kOwnerPictures:
            if (!ever_fits) {
              return fail({.status = 429, .detail = told_full(answered.outcome, limits)});
            }
            return refuse_full(told_full(answered.outcome, limits), fail);
          case Outcome::kOwnerHour:
            return fail(hour_used(told_full(answered.outcome, limits), answered.wait));
          case Outcome::kReplayed:
            return then({std::move(answered.sight), true, is_drawn});
          case Outcome::kAccepted:
            then({std::move(answered.sight), false, is_drawn});
            if (!is_drawn) queue_changed();
            return;
        }
      },
      fail);
}

void App::refuse_full(const std::string& detail, const Fail& fail) {
  ask(
      [this](const Transaction& all) {
        double seconds = 0;
        int counted = 0;
        for (const JobRecord& job :
             all.jobs().list({.states = {JobState::kRunning, JobState::kQueued},
             .sheet = {},
             .before = {},
             .limit = 50})) {
          if (job.kind != "draw") continue;
          const DrawJob draw = draw_job_from_json(Json::parse(job.request));
          if (const auto e = drawing.times.expected(draw))
            seconds += StepTimes::seconds(draw, e->times);
          ++counted;
        }
        return static_cast<int>(std::ceil(seconds / std::max(counted, 1)));
      },
      [detail, fail](int wait) {
        fail({.status = 429, .detail = detail, .retry_after = std::clamp(wait, 1, 600)});
      },
      fail);
}

void App::cancel(const std::string& id, const std::string& owner,
                 std::function<void(std::optional<JobSight>)> then, Fail fail) {
  struct Cancelled {
    std::optional<JobRecord> before;
    std::optional<JobSight> now;
  };
  write(
      [id, owner](Transaction& all) {
        Cancelled cancelled;
        cancelled.before = all.jobs().find(id);
        if (cancelled.before) require_own(cancelled.before->owner, owner);
        all.jobs().cancel(id);
        cancelled.now = find_sight(all, id);
        return cancelled;
      },
      [this, id, then = std::move(then)](Cancelled cancelled) {
        // Who asks a second time does not want to wait for pictures as far as they are.
        const auto& before = cancelled.before;
        if (before) {
          was_cancelled(id, before->state,
                        before->cancel ? Worker::Begun::kDropped : Worker::Begun::kKept);
        }
        then(std::move(cancelled.now));
      },
      std::move(fail));
}

void App::was_cancelled(const std::string& id, JobState before, Worker::Begun begun) {
  // A queued one ended right there; a running one ends when its step does, and tells of it then.
  if (before == JobState::kRunning) threads.worker->cancel(id, begun);
  if (before == JobState::kQueued) job_ended(id);
}

void App::when_ended(const std::string& id, std::function<void(const JobSight&)> then) {
  line_.waiting[id].push_back(std::move(then));
  ask([id](const Transaction& all) { return find_sight(all, id); },
      [this](const std::optional<JobSight>& sight) {
        if (sight && is_final(sight->job.state)) call_waiting(*sight);
      },
      logged());
}

void App::queue_changed() {
  if (threads.worker) threads.worker->wake();
  line_.changed = true;
  if (line_.asking) return;
  line_.asking = true;
  line_.changed = false;
  const auto asked = [this] {
    line_.asking = false;
    if (line_.changed) queue_changed();
  };
  ask([](const Transaction& all) { return all.jobs().line(kToldPositions); },
      [this, asked](const std::vector<std::string>& line) {
        tell_places(line);
        asked();
      },
      [asked, tell = logged()](const Problem& problem) {
        tell(problem);
        asked();
      });
}

void App::tell_queue() {
  ask([](const Transaction& all) { return all.jobs().active(""); },
      [this](int length) {
        const bool paused = threads.worker->paused();
        hub.publish({.job = "",
                     .name = "queue",
                     .data = {{"length", length},
                              {"paused", paused},
                              {"reason", paused ? "storage_full" : ""}}});
      },
      logged());
}

void App::tell_places(const std::vector<std::string>& line) {
  std::map<std::string, int> places;
  for (const std::string& id : line) {
    const int place = static_cast<int>(places.size());
    places[id] = place;
    const auto told = line_.told.find(id);
    if (told != line_.told.end() && told->second == place) continue;
    hub.publish({.job = id, .name = "queued", .data = {{"job", id}, {"position", place}}});
  }
  line_.told = std::move(places);
}

void App::job_started(const JobRecord& job) {
  ++line_.changes;
  running.begin(job.id);
  metrics.job_waited(static_cast<double>(std::max<std::int64_t>(now_ms() - job.created, 0)) / 1e3);
  const Json request = Json::try_parse(job.request).value_or(nullptr);
  const int steps = request.is_object() ? request.value("steps", 0) : 0;
  hub.publish({.job = job.id,
               .name = "started",
               .data = {{"job", job.id}, {"count", job.count}, {"steps", steps}}});
  queue_changed();
}

void App::job_ended(const std::string& id) {
  running.end(id);
  line_.told.erase(id);
  ++line_.untold;
  const auto told = [this, counted = std::make_shared<bool>(false)] {
    if (std::exchange(*counted, true)) return;
    --line_.untold;
    if (line_.at_rest) finish_stopping();
  };
  ask([id](const Transaction& all) { return find_sight(all, id); },
      [this, told](const std::optional<JobSight>& sight) {
        if (sight && is_final(sight->job.state)) tell_ended(*sight);
        queue_changed();
        told();
      },
      [told, tell = logged()](const Problem& problem) {
        tell(problem);
        told();
      });
}

void App::tell_ended(const JobSight& sight) {
  ++line_.changes;
  const JobRecord& job = sight.job;
  const std::string state(name_of(job.state));
  metrics.job_ended(state);
  log.info("job ended", {{"job", job.id}, {"state", state}, {"client", job.client}});
  Json data = job_json(sight);
  data["job"] = job.id;
  hub.publish({.job = job.id, .name = state, .data = std::move(data), .last = true});
  call_waiting(sight);
}

void App::call_waiting(const JobSight& sight) {
  const auto found = line_.waiting.find(sight.job.id);
  if (found == line_.waiting.end()) return;
  const auto callbacks = std::move(found->second);
  line_.waiting.erase(found);
  for (const auto& callback : callbacks) callback(sight);
}

}  // namespace easel::server
