#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace easel {

/// What the gallery knows of a picture. Its file is in PictureFiles under the same id.
struct PictureRecord {
  std::int64_t seq = 0;  ///< place in the gallery, set by the store
  std::string id;
  std::optional<std::string> job;  ///< nothing for a file that was found and adopted
  int index = 0;                   ///< of the job's pictures
  std::int64_t created = 0;        ///< ms since 1970; 0: now
  int width = 0;
  int height = 0;
  std::int64_t bytes = 0;
  std::optional<std::string> parent;  ///< the picture it enlarges
  Recipe recipe = {};
  bool favourite = false;
  bool missing = false;                 ///< its file has gone
  std::optional<std::int64_t> deleted;  ///< when; it can be restored until it is purged

  bool operator==(const PictureRecord&) const = default;
};

struct PictureFilter {
  std::string words;  ///< all must occur; the last may be unfinished
  std::string model;
  std::string style;
  std::string subject;
  std::string job;
  std::optional<std::uint64_t> seed;
  bool favourites = false;
  bool deleted = false;     ///< only these; otherwise only the others
  std::int64_t before = 0;  ///< seq below; 0: from the newest
  int limit = 50;
};

struct GalleryFacets {
  std::vector<std::string> models;
  std::vector<std::string> styles;
  std::vector<std::string> subjects;
  std::int64_t count = 0;
};

}  // namespace easel
