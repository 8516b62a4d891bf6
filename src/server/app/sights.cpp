#include "server/app/sights.h"

#include <map>
#include <utility>

#include "http/problem.h"
#include "store/turns.h"
#include "store/ulid.h"

namespace easel::server {

JobSight sight_of(const Transaction& all, JobRecord job) {
  JobSight sight{.job = std::move(job), .pictures = {}, .place = {}};
  sight.pictures = all.pictures().of_job(sight.job.id);
  if (sight.job.state == JobState::kQueued) sight.place = all.jobs().place(sight.job.id);
  return sight;
}

std::optional<JobSight> find_sight(const Transaction& all, const std::string& id) {
  if (!is_ulid(id)) return std::nullopt;
  std::optional<JobRecord> job = all.jobs().find(id);
  if (!job) return std::nullopt;
  return sight_of(all, *std::move(job));
}

JobSight need_sight(const Transaction& all, const std::string& id) {
  std::optional<JobSight> sight = find_sight(all, id);
  if (!sight) refuse(404, "there is no such job");
  return *std::move(sight);
}

std::vector<JobSight> sights_of(const Transaction& all, std::vector<JobRecord> jobs) {
  std::map<std::string, int> places;
  for (const std::string& id : all.jobs().line(kMostPlaces)) {
    places.emplace(id, static_cast<int>(places.size()));
  }
  std::vector<JobSight> sights;
  for (JobRecord& job : jobs) {
    JobSight sight{.job = std::move(job), .pictures = {}, .place = {}};
    sight.pictures = all.pictures().of_job(sight.job.id);
    if (sight.job.state == JobState::kQueued) {
      const auto place = places.find(sight.job.id);
      sight.place = place == places.end() ? static_cast<int>(places.size()) : place->second;
    }
    sights.push_back(std::move(sight));
  }
  return sights;
}

PictureRecord need_picture(const Transaction& all, const std::string& id) {
  std::optional<PictureRecord> picture = is_ulid(id) ? all.pictures().find(id) : std::nullopt;
  if (!picture) refuse(404, "there is no such picture");
  return *std::move(picture);
}

SheetRecord need_sheet(const Transaction& all, const std::string& id) {
  std::optional<SheetRecord> sheet = is_ulid(id) ? all.sheets().find(id) : std::nullopt;
  if (!sheet) refuse(404, "there is no such sheet");
  return *std::move(sheet);
}

void require_own(const std::string& owner, const std::string& asking) {
  if (owner == asking) return;
  throw ProblemError({.status = 403,
                      .type = "not-yours",
                      .detail = "this belongs to " + owner + ", who alone may change it"});
}

}  // namespace easel::server
