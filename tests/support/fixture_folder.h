#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/fixture_file.h"

namespace easel::testing {

/// A file of the fixtures, which EASEL_FIXTURES may move; it may be absent (EASEL_NEEDS_SHARED).
inline std::filesystem::path fixture_file(const std::string& name) {
  const char* folder = std::getenv("EASEL_FIXTURES");
  return (folder != nullptr ? std::filesystem::path(folder) : shared_file("fixtures")) / name;
}

}  // namespace easel::testing
