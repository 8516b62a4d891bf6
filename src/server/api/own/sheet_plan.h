#pragma once

#include <cstddef>
#include <vector>

#include "server/app/app.h"
#include "store/sheets.h"

namespace easel::server {

inline constexpr std::size_t kMostSheetCells = 1000;

/// A sheet that is asked for, before it is in the store.
struct SheetPlan {
  SheetRecord sheet;  ///< its request without `reused`
  Json request;
  std::vector<NewJob> jobs;  ///< one a cell
};

/// Throws FaultsError, and what App::new_draw throws.
SheetPlan plan_sheet(App& app, const HttpRequest& request);

/// Takes from the gallery the cells that were drawn before.
void reuse_drawn(const Transaction& all, SheetPlan& plan);

}  // namespace easel::server
