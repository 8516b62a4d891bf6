#pragma once

#include <cstdint>
#include <string>

namespace easel {

/// A sheet of every subject in every style. Its cells are jobs that carry its id.
struct SheetRecord {
  std::string id;
  std::string owner;
  std::string request;  ///< JSON, complete
  std::int64_t created = 0;
};

}  // namespace easel
