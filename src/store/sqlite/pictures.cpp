#include "store/sqlite/pictures.h"

#include <algorithm>

#include "store/sqlite/given_hashes.h"
#include "store/sqlite/picture_columns.h"
#include "store/ulid.h"

namespace easel {
namespace {

std::vector<std::string> distinct(Database& database, const char* sql) {
  std::vector<std::string> values;
  for (Query rows(database, sql); rows.next();) values.push_back(rows.text(0));
  return values;
}

}  // namespace

bool SqlitePictures::add(const PictureRecord& picture) {
  Savepoint all(db_);
  {
    Query row(db_, "SELECT 1 FROM picture WHERE (job = ? AND idx = ?) OR id = ?", picture.job,
              picture.index, picture.id);
    if (row.next()) return false;
  }
  PictureRecord added = picture;
  if (added.created == 0) added.created = now_ms();
  insert_row<NewPictureColumns>(db_, "picture", added);
  db_.execute(
      "INSERT INTO word(rowid, prompt, model, style, subject) "
      "SELECT seq, prompt, model, style, subject FROM picture WHERE id = ?",
      added.id);
  if (!added.tags.empty()) set_tags(added.id, added.tags);
  all.keep();
  return true;
}

std::optional<PictureRecord> SqlitePictures::find(const std::string& id) const {
  Query row(db_, select_pictures("picture p WHERE id = ?"), id);
  return read_one<PictureColumns>(row);
}

std::vector<PictureRecord> SqlitePictures::of_job(const std::string& job) const {
  Query rows(db_, select_pictures("picture p WHERE job = ? ORDER BY idx"), job);
  std::vector<PictureRecord> pictures = read_rows<PictureColumns>(rows);
  const std::vector<std::string> ids = picture_ids_of(job);
  for (std::size_t k = 0; k < ids.size(); ++k) {
    if (std::ranges::count(pictures, ids[k], &PictureRecord::id) > 0) continue;
    std::optional<PictureRecord> found = find(ids[k]);
    if (!found) continue;
    found->index = static_cast<int>(k);
    pictures.push_back(*std::move(found));
  }
  std::ranges::stable_sort(pictures, {}, &PictureRecord::index);
  return pictures;
}

std::vector<std::string> SqlitePictures::picture_ids_of(const std::string& job) const {
  std::vector<std::string> ids;
  Query row(db_, "SELECT picture_ids FROM job WHERE id = ?", job);
  if (row.next()) read_field(row, 0, ids);
  return ids;
}

std::optional<std::string> SqlitePictures::find_drawn(const std::string& hash) const {
  if (hash.empty()) return std::nullopt;
  Query row(db_,
            "SELECT id FROM picture WHERE hash = ? AND hash != '' AND deleted IS NULL "
            "AND missing = 0 ORDER BY seq DESC LIMIT 1",
            hash);
  return row.next() ? std::optional(row.text(0)) : std::nullopt;
}

GalleryFacets SqlitePictures::facets() const {
  GalleryFacets facets;
  facets.models = distinct(db_, "SELECT DISTINCT model FROM picture ORDER BY 1 LIMIT 1000");
  facets.styles =
      distinct(db_, "SELECT DISTINCT style FROM picture WHERE style != '' ORDER BY 1 LIMIT 1000");
  facets.subjects = distinct(
      db_, "SELECT DISTINCT subject FROM picture WHERE subject != '' ORDER BY 1 LIMIT 1000");
  facets.tags = distinct(db_, "SELECT DISTINCT name FROM tag ORDER BY 1 LIMIT 1000");
  facets.count = count();
  return facets;
}

std::int64_t SqlitePictures::count() const {
  Query row(db_,
            "SELECT (SELECT count(*) FROM picture) - "
            "(SELECT count(*) FROM picture WHERE deleted IS NOT NULL) - "
            "(SELECT count(*) FROM picture WHERE listed = 0 AND deleted IS NULL)");
  row.next();
  return row.integer(0);
}

bool SqlitePictures::set_favourite(const std::string& id, bool favourite) {
  return db_.execute("UPDATE picture SET favourite = ?1, listed = max(listed, ?1) WHERE id = ?2",
                     favourite, id) > 0;
}

bool SqlitePictures::set_rating(const std::string& id, int rating) {
  return db_.execute("UPDATE picture SET rating = ? WHERE id = ?", rating, id) > 0;
}

// A tag is found by its whole name in the table of tags, and by its words as those of the prompt.
bool SqlitePictures::set_tags(const std::string& id, const std::vector<std::string>& tags) {
  Savepoint all(db_);
  constexpr const char* kSeq = "(SELECT seq FROM picture WHERE id = ?)";
  const std::string list = Json(tags).dump();
  const bool there = db_.execute("UPDATE picture SET tags = ? WHERE id = ?", list, id) > 0;
  db_.execute(std::string("DELETE FROM tag WHERE seq = ") + kSeq, id);
  std::string words;
  for (const std::string& tag : tags) {
    words += " " + tag;
    db_.execute("INSERT OR IGNORE INTO tag SELECT ?, seq FROM picture WHERE id = ?", tag, id);
  }
  db_.execute(std::string("UPDATE word SET prompt = (SELECT prompt FROM picture WHERE id = ?) || ? "
                          "WHERE rowid = ") +
                  kSeq,
              id, words, id);
  all.keep();
  return there;
}

bool SqlitePictures::set_deleted(const std::string& id, std::optional<std::int64_t> when) {
  return db_.execute("UPDATE picture SET deleted = ? WHERE id = ?", when, id) > 0;
}

bool SqlitePictures::set_missing(const std::string& id, bool missing) {
  return db_.execute("UPDATE picture SET missing = ? WHERE id = ?", missing, id) > 0;
}

bool SqlitePictures::purge(const std::string& id) {
  Savepoint both(db_);
  db_.execute("DELETE FROM word WHERE rowid = (SELECT seq FROM picture WHERE id = ?)", id);
  db_.execute("DELETE FROM tag WHERE seq = (SELECT seq FROM picture WHERE id = ?)", id);
  const bool was_there = db_.execute("DELETE FROM picture WHERE id = ?", id) > 0;
  both.keep();
  return was_there;
}

std::vector<std::string> SqlitePictures::deleted_before(std::int64_t when, int limit) const {
  std::vector<std::string> ids;
  Query rows(db_, "SELECT id FROM picture WHERE deleted IS NOT NULL AND deleted < ? LIMIT ?", when,
             limit);
  while (rows.next()) ids.push_back(rows.text(0));
  return ids;
}

std::set<std::string> SqlitePictures::given() const {
  return given_hashes(db_, "recipe", "picture");
}

std::vector<std::pair<std::string, bool>> SqlitePictures::all_ids() const {
  std::vector<std::pair<std::string, bool>> ids;
  for (Query rows(db_, "SELECT id, missing FROM picture"); rows.next();) {
    ids.emplace_back(rows.text(0), rows.integer(1) != 0);
  }
  return ids;
}

}  // namespace easel
