#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "store/tables.h"

namespace easel::server {

/// What people mark a picture with; what is not said stays as it is.
struct PictureMarks {
  std::optional<bool> favourite;
  std::optional<int> rating;
  std::optional<std::vector<std::string>> tags;

  void apply_to(PictureTable& pictures, const std::string& id) const;
};

/// Of the body of PATCH /pictures/{id}. Throws FaultsError, also for one that says nothing.
PictureMarks picture_marks_in(const Json& body);

}  // namespace easel::server
