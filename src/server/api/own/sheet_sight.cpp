#include "server/api/own/sheet_sight.h"

#include <utility>

#include "server/api/own/sheet_plan.h"

namespace easel::server {
namespace {

std::optional<PictureRecord> picture_of(const Transaction& all, const std::string& job) {
  for (PictureRecord& picture : all.pictures().of_job(job)) {
    if (!picture.deleted && !picture.missing) return std::move(picture);
  }
  return std::nullopt;
}

std::vector<SheetCell> cells_of(const Transaction& all, const SheetRecord& sheet,
                                const Json& request) {
  std::vector<SheetCell> cells(request["subjects"].size() * request["styles"].size());
  for (const JobRecord& job : all.jobs().list({.states = {},
                              .sheet = sheet.id,
                              .before = {},
                              .limit = static_cast<int>(kMostSheetCells)})) {
    const auto at = static_cast<std::size_t>(job.cell.value_or(0));
    if (at >= cells.size()) continue;
    cells[at] = {job.id, job.state,
                 job.state == JobState::kDone ? picture_of(all, job.id) : std::nullopt};
  }
  for (const auto& [cell, job] : request["reused"].items()) {
    const auto at = static_cast<std::size_t>(std::stoul(cell));
    if (at >= cells.size()) continue;
    cells[at] = {job.get<std::string>(), JobState::kDone, picture_of(all, job.get<std::string>())};
  }
  return cells;
}

}  // namespace

SheetSight sight_of(const Transaction& all, SheetRecord sheet) {
  SheetSight sight{.sheet = std::move(sheet), .request = {}, .cells = {}};
  sight.request = Json::parse(sight.sheet.request);
  sight.cells = cells_of(all, sight.sheet, sight.request);
  return sight;
}

}  // namespace easel::server
