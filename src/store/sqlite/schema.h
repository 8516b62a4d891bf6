#pragma once

#include "store/sqlite/database.h"

namespace easel {

/// Brings a database to the newest form, step by step, each in a transaction of its own. Throws
/// kUnsupported for one that a newer Easel made, kInvalidFile when SQLite's quick check finds
/// damage.
void migrate(Database& database);

}  // namespace easel
