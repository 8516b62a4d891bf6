// A request whose pictures are jobs of their own.

#include <memory>
#include <optional>
#include <utility>

#include "server/api/foreign.h"

namespace easel::server {
namespace {

class DrawnTogether : public std::enable_shared_from_this<DrawnTogether> {
 public:
  using Then = std::function<void(const std::vector<JobSight>&)>;

  DrawnTogether(App& app, std::size_t count, Then then, App::Fail fail)
      : app_(app), jobs_(count), left_(count), then_(std::move(then)), fail_(std::move(fail)) {}

  void start(const HttpRequest& request, const std::vector<DrawJob>& draws) {
    owner_ = request.owner;
    for (std::size_t at = 0; at < draws.size(); ++at) {
      submit_draw(
          app_, request, draws[at],
          [at, self = shared_from_this()](const App::Submitted& submitted) {
            self->submitted(at, submitted.sight.job.id);
          },
          [self = shared_from_this()](const Problem& problem) { self->met(problem); });
    }
  }

 private:
  struct Job {
    std::string id;  // empty: not in the line yet
    std::optional<JobSight> ended;
  };

  void submitted(std::size_t at, const std::string& id) {
    jobs_[at].id = id;
    app_.when_ended(
        id, [at, self = shared_from_this()](const JobSight& sight) { self->ended(at, sight); });
    if (stopped_) cancel(id);
  }

  void ended(std::size_t at, const JobSight& sight) {
    jobs_[at].ended = sight;
    const JobState state = sight.job.state;
    if (state != JobState::kDone && state != JobState::kCancelled)
      return met(problem_in(sight.job));
    if (state == JobState::kCancelled) stop();
    one_less();
  }

  // One of them will not be drawn.
  void met(const Problem& problem) {
    if (!trouble_) trouble_ = problem;
    stop();
    one_less();
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    for (const Job& job : jobs_) {
      if (!job.id.empty() && !job.ended) cancel(job.id);
    }
  }

  void cancel(const std::string& id) {
    app_.cancel(
        id, owner_, [](const std::optional<JobSight>&) {}, [](const Problem&) {});
  }

  void one_less() {
    if (--left_ > 0) return;
    if (trouble_) return fail_(*trouble_);
    std::vector<JobSight> all;
    for (Job& job : jobs_) all.push_back(*std::move(job.ended));
    then_(all);
  }

  App& app_;
  std::string owner_;
  std::vector<Job> jobs_;
  std::size_t left_;
  bool stopped_ = false;
  std::optional<Problem> trouble_;
  Then then_;
  App::Fail fail_;
};

}  // namespace

void draw_all_and_wait(App& app, const HttpRequest& request, const std::vector<DrawJob>& draws,
                       std::function<void(const std::vector<JobSight>&)> then,
                       const App::Fail& fail) {
  std::make_shared<DrawnTogether>(app, draws.size(), std::move(then), fail)->start(request, draws);
}

}  // namespace easel::server
