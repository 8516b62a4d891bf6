#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/fixture_file.h"

namespace easel::testing {

/// Where fixtures are: $EASEL_FIXTURES, else the larger set beside the clone, else the clone's own.
inline std::filesystem::path fixtures_folder() {
  const char* named = std::getenv("EASEL_FIXTURES");
  if (named != nullptr && *named != '\0') return std::filesystem::absolute(named);
  const auto shared = std::filesystem::path(EASEL_SOURCE_DIR) / "../shared/fixtures";
  return std::filesystem::exists(shared) ? shared : data_file("fixtures");
}

/// A file there; a set need not have it (EASEL_NEEDS_SHARED).
inline std::filesystem::path fixture_file(const std::string& name) {
  return fixtures_folder() / name;
}

/// Leaves the test, counted as skipped, when a file of the fixtures is absent.
#define EASEL_NEEDS_SHARED(file)                                           \
  if (!std::filesystem::exists(file)) {                                    \
    GTEST_SKIP() << "not there: " << std::filesystem::path(file).string(); \
  }

}  // namespace easel::testing
