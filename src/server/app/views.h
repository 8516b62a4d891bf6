#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "store/job.h"
#include "store/picture.h"
#include "work/event_sink.h"

namespace easel::server {

// What the own API shows of things.

/// RFC 3339 in UTC with milliseconds.
std::string time_text(std::int64_t ms);

Json to_json(const PictureRecord& picture);

Json to_json(const Progress& progress);

/// What is known of a job besides its record.
struct JobView {
  std::vector<PictureRecord> pictures;
  std::optional<int> position;  ///< in the queue
  Json progress = nullptr;
  bool from_gallery = false;
};
Json to_json(const JobRecord& job, const JobView& view);

}  // namespace easel::server
