#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/records.h"

namespace easel::server {

// What is read from the store to answer a request, on the store's threads.

/// A job and what belongs to it, at one moment.
struct JobSight {
  JobRecord job;
  std::vector<PictureRecord> pictures;
  std::optional<int> place;  ///< in the line, while it is queued
};

/// Of a job that was read in the same transaction.
JobSight sight_of(const Transaction& all, JobRecord job);
/// Nothing for an id that is none, or of no job.
std::optional<JobSight> find_sight(const Transaction& all, const std::string& id);
/// Throws 404.
JobSight need_sight(const Transaction& all, const std::string& id);
/// Of many; places are told to kMostPlaces.
std::vector<JobSight> sights_of(const Transaction& all, std::vector<JobRecord> jobs);
/// Throws 404.
PictureRecord need_picture(const Transaction& all, const std::string& id);
/// Throws 404.
SheetRecord need_sheet(const Transaction& all, const std::string& id);
/// Throws 403 unless what is `owner`'s is asked for by its owner.
void require_own(const std::string& owner, const std::string& asking);

}  // namespace easel::server
