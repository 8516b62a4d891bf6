#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace easel {

constexpr int kMostStars = 5;

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
  std::string hash = {};  ///< equal for equal pictures; empty: it is not to be found by that
  /// Whether the gallery's lists have it. Studies do without; who marks one as a favourite lists
  /// it.
  bool listed = true;
  bool favourite = false;
  int rating = 0;                       ///< 1 to 5 stars; 0: none
  std::vector<std::string> tags = {};   ///< in order, each once
  bool missing = false;                 ///< its file has gone
  std::optional<std::int64_t> deleted;  ///< when; it can be restored until it is purged

  bool operator==(const PictureRecord&) const = default;
};

/// How a list of pictures is ordered; of equal ones the newer comes first.
enum class PictureOrder { kNewest, kOldest, kBest };

struct PictureFilter {
  /// All must occur, of those with a "-" before them none; the last may be unfinished.
  std::string words;
  std::string model;
  std::string style;
  std::string subject;
  std::string job;
  std::optional<std::uint64_t> seed;
  std::string tag;
  int rating = 0;          ///< so many stars, or more
  std::int64_t since = 0;  ///< made then or later, ms since 1970
  std::int64_t until = 0;  ///< made before; 0: at any time
  bool favourites = false;
  bool deleted = false;  ///< only these; otherwise only the others
  bool studies = false;  ///< only those that no list has; otherwise only the others
  PictureOrder order = PictureOrder::kNewest;
  /// The page after a picture of this seq and, of the best, this rating; 0: from the first.
  std::int64_t before = 0;
  int before_rating = 0;
  int limit = 50;
};

struct GalleryFacets {
  std::vector<std::string> models;
  std::vector<std::string> styles;
  std::vector<std::string> subjects;
  std::vector<std::string> tags;
  std::int64_t count = 0;
};

}  // namespace easel
