#include "store/sqlite/pictures.h"

#include "store/sqlite/columns.h"
#include "store/sqlite/given_hashes.h"
#include "store/ulid.h"

namespace easel {
namespace {

// What a picture is added with. The rest is the store's own: seq, and what is flagged later.
struct NewPictureColumns {
  using Record = PictureRecord;
  template <typename R, typename Visit>
  static void visit(R& p, Visit&& column) {
    column("id", p.id);
    column("job", p.job);
    column("idx", p.index);
    column("created", p.created);
    column("width", p.width);
    column("height", p.height);
    column("bytes", p.bytes);
    column("parent", p.parent);
    column("prompt", p.recipe.prompt);
    column("model", p.recipe.model.name);
    column("seed", p.recipe.seed.seed);
    column("subject", p.recipe.labels.subject);
    column("style", p.recipe.labels.style);
    column("recipe", p.recipe);  // after its parts, which it holds too
    column("favourite", p.favourite);
  }
};

struct PictureColumns {
  using Record = PictureRecord;
  template <typename R, typename Visit>
  static void visit(R& p, Visit&& column) {
    NewPictureColumns::visit(p, column);
    column("seq", p.seq);
    column("missing", p.missing);
    column("deleted", p.deleted);
  }
};

std::string select(std::string_view rest) {
  return "SELECT " + names_of<PictureColumns>("p.") + " FROM " + std::string(rest);
}

std::int64_t bits_of(std::uint64_t seed) { return static_cast<std::int64_t>(seed); }

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
}

// Full-text search has a language of its own: each word is quoted, so that none of it is spoken.
// The last one may be the beginning of a word.
std::string words_to_match(const std::string& text) {
  std::string match;
  bool in_word = false;
  for (const char c : text) {
    if (is_word_byte(c)) {
      if (!in_word) match += match.empty() ? "\"" : " \"";
      match += c;
    } else if (in_word) {
      match += '"';
    }
    in_word = is_word_byte(c);
  }
  if (in_word) match += "\" *";
  return match;
}

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
  all.keep();
  return true;
}

std::optional<PictureRecord> SqlitePictures::find(const std::string& id) const {
  Query row(db_, select("picture p WHERE id = ?"), id);
  return read_one<PictureColumns>(row);
}

std::vector<PictureRecord> SqlitePictures::list(const PictureFilter& filter) const {
  const std::string match = words_to_match(filter.words);
  if (match.empty() && !filter.words.empty()) return {};  // only punctuation: matches nothing
  // seq is word's rowid: both ways the rows come in order and the scan stops at the limit.
  const char* key = match.empty() ? "p.seq" : "w.rowid";
  std::string sql =
      select(match.empty() ? "picture p WHERE ?1 = ''"
                           : "word w JOIN picture p ON p.seq = w.rowid WHERE word MATCH ?1");
  sql += filter.before > 0 ? std::string(" AND ") + key + " < ?2" : " AND ?2 = 0";
  sql += filter.model.empty() ? " AND ?3 = ''" : " AND p.model = ?3";
  sql += filter.style.empty() ? " AND ?4 = ''" : " AND p.style = ?4 AND p.style != ''";
  sql += filter.subject.empty() ? " AND ?5 = ''" : " AND p.subject = ?5 AND p.subject != ''";
  sql += filter.job.empty() ? " AND ?6 = ''" : " AND p.job = ?6";
  sql += filter.seed ? " AND p.seed = ?7" : " AND ?7 IS NULL";
  if (filter.favourites) sql += " AND p.favourite = 1";
  sql += filter.deleted ? " AND p.deleted IS NOT NULL" : " AND p.deleted IS NULL";
  sql += std::string(" ORDER BY ") + key + " DESC LIMIT ?8";
  const std::optional<std::int64_t> seed =
      filter.seed ? std::optional(bits_of(*filter.seed)) : std::nullopt;
  Query rows(db_, sql, match, filter.before, filter.model, filter.style, filter.subject, filter.job,
             seed, filter.limit);
  return read_rows<PictureColumns>(rows);
}

std::vector<PictureRecord> SqlitePictures::of_job(const std::string& job) const {
  Query rows(db_, select("picture p WHERE job = ? ORDER BY idx"), job);
  return read_rows<PictureColumns>(rows);
}

GalleryFacets SqlitePictures::facets() const {
  GalleryFacets facets;
  facets.models = distinct(db_, "SELECT DISTINCT model FROM picture ORDER BY 1 LIMIT 1000");
  facets.styles =
      distinct(db_, "SELECT DISTINCT style FROM picture WHERE style != '' ORDER BY 1 LIMIT 1000");
  facets.subjects = distinct(
      db_, "SELECT DISTINCT subject FROM picture WHERE subject != '' ORDER BY 1 LIMIT 1000");
  facets.count = count();
  return facets;
}

std::int64_t SqlitePictures::count() const {
  Query row(db_,
            "SELECT (SELECT count(*) FROM picture) - "
            "(SELECT count(*) FROM picture WHERE deleted IS NOT NULL)");
  row.next();
  return row.integer(0);
}

bool SqlitePictures::set_favourite(const std::string& id, bool favourite) {
  return db_.execute("UPDATE picture SET favourite = ? WHERE id = ?", favourite, id) > 0;
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
