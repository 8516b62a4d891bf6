#pragma once

#include <memory>

#include "store/data_folder.h"
#include "store/records.h"

namespace easel {

/// The records that a data folder keeps, brought to the newest form. Where another process has the
/// folder's claim they can only be read, and writing is kUsage. Throws kUnsupported for those that
/// a newer Easel made, kInvalidFile, kNoSpace, kIo. The folder must outlive it.
std::unique_ptr<Records> open_records(const DataFolder& folder);

}  // namespace easel
