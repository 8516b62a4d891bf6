#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/job_store.h"
#include "store/sqlite.h"

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
  int native_width = 0;  ///< as drawn, before enlarging
  int native_height = 0;
  std::string prompt;
  std::string negative;
  std::string model;
  std::string model_sha256;
  std::string sampler;
  int steps = 0;
  double scale = 0;
  double eta = 0;
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> variation_seed;
  double variation_strength = 0;
  int upscale = 1;
  std::string upscaler;
  std::optional<std::string> parent;  ///< the picture it enlarges
  std::string subject;
  std::string style;
  bool favourite = false;
  bool missing = false;                 ///< its file has gone
  std::optional<std::int64_t> deleted;  ///< when; it can be restored until it is purged
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

/// The table of pictures of a database of schema.h. Calls throw kNoSpace, kIo.
///
/// Thread rule: one call at a time. The database must outlive it.
class PictureStore {
 public:
  explicit PictureStore(Database& database) : db_(database) {}

  /// Adds a picture that a job drew, under its lease; false, and nothing is added, when the lease
  /// is no longer the job's or it has a picture of this index.
  bool add(const PictureRecord& picture, const Lease& lease);
  /// Adds a picture whose file was found; false when its id, or its place in its job, is taken.
  bool adopt(const PictureRecord& picture);

  std::optional<PictureRecord> find(const std::string& id);
  /// Newest first.
  std::vector<PictureRecord> list(const PictureFilter& filter);
  /// By index.
  std::vector<PictureRecord> of_job(const std::string& job);
  GalleryFacets facets();
  std::int64_t count();

  bool set_favourite(const std::string& id, bool favourite);
  bool set_deleted(const std::string& id, std::optional<std::int64_t> when);
  bool set_missing(const std::string& id, bool missing);
  /// Forgets a picture. Its files must be gone already, or they would be adopted again.
  bool purge(const std::string& id);
  /// Those deleted before a time.
  std::vector<std::string> deleted_before(std::int64_t when, int limit);
  /// Every id and whether it is flagged missing, for repairs.
  std::vector<std::pair<std::string, bool>> all_ids();

 private:
  void insert(const PictureRecord& picture);
  Database& db_;
};

}  // namespace easel
