#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "store/records.h"
#include "store/sheets.h"

namespace easel::server {

struct SheetCell {
  std::string job;
  JobState state = JobState::kCancelled;
  std::optional<PictureRecord> picture;
};

/// A sheet and its cells, at one moment.
struct SheetSight {
  SheetRecord sheet;
  Json request;
  std::vector<SheetCell> cells;
};

SheetSight sight_of(const Transaction& all, SheetRecord sheet);

}  // namespace easel::server
