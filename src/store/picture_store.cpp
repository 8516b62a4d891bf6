#include "store/picture_store.h"

#include <bit>

#include "store/ulid.h"

namespace easel {
namespace {

constexpr const char* kColumns =
    "p.seq, p.id, p.job, p.idx, p.created, p.width, p.height, p.bytes, p.native_width, "
    "p.native_height, p.prompt, p.negative, p.model, p.model_sha256, p.sampler, p.steps, p.scale, "
    "p.eta, p.seed, p.variation_seed, p.variation_strength, p.upscale, p.upscaler, p.parent, "
    "p.subject, p.style, p.favourite, p.missing, p.deleted";

// SQLite has no unsigned integers: the bits are kept.
std::int64_t bits_of(std::uint64_t seed) { return std::bit_cast<std::int64_t>(seed); }
std::uint64_t seed_of(std::int64_t bits) { return std::bit_cast<std::uint64_t>(bits); }

PictureRecord record_of(const Query& row) {
  PictureRecord p;
  p.seq = row.integer(0);
  p.id = row.text(1);
  p.job = row.optional_text(2);
  p.index = static_cast<int>(row.integer(3));
  p.created = row.integer(4);
  p.width = static_cast<int>(row.integer(5));
  p.height = static_cast<int>(row.integer(6));
  p.bytes = row.integer(7);
  p.native_width = static_cast<int>(row.integer(8));
  p.native_height = static_cast<int>(row.integer(9));
  p.prompt = row.text(10);
  p.negative = row.text(11);
  p.model = row.text(12);
  p.model_sha256 = row.text(13);
  p.sampler = row.text(14);
  p.steps = static_cast<int>(row.integer(15));
  p.scale = row.real(16);
  p.eta = row.real(17);
  p.seed = seed_of(row.integer(18));
  if (const auto seed = row.optional_integer(19)) p.variation_seed = seed_of(*seed);
  p.variation_strength = row.real(20);
  p.upscale = static_cast<int>(row.integer(21));
  p.upscaler = row.text(22);
  p.parent = row.optional_text(23);
  p.subject = row.text(24);
  p.style = row.text(25);
  p.favourite = row.integer(26) != 0;
  p.missing = row.integer(27) != 0;
  p.deleted = row.optional_integer(28);
  return p;
}

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

void PictureStore::insert(const PictureRecord& p) {
  const std::optional<std::int64_t> variation_seed =
      p.variation_seed ? std::optional(bits_of(*p.variation_seed)) : std::nullopt;
  db_.execute(
      "INSERT INTO picture(id, job, idx, created, width, height, bytes, native_width, "
      "native_height, prompt, negative, model, model_sha256, sampler, steps, scale, eta, seed, "
      "variation_seed, variation_strength, upscale, upscaler, parent, subject, style, favourite) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      p.id, p.job, p.index, p.created != 0 ? p.created : now_ms(), p.width, p.height, p.bytes,
      p.native_width, p.native_height, p.prompt, p.negative, p.model, p.model_sha256, p.sampler,
      p.steps, p.scale, p.eta, bits_of(p.seed), variation_seed,
      p.variation_seed ? std::optional(p.variation_strength) : std::nullopt, p.upscale, p.upscaler,
      p.parent, p.subject, p.style, p.favourite);
  db_.execute(
      "INSERT INTO word(rowid, prompt, model, style, subject) "
      "VALUES((SELECT seq FROM picture WHERE id = ?), ?, ?, ?, ?)",
      p.id, p.prompt, p.model, p.style, p.subject);
}

bool PictureStore::add(const PictureRecord& picture, const Lease& lease) {
  Savepoint all(db_);
  {
    Query row(db_, "SELECT 1 FROM job WHERE id = ? AND attempt = ? AND state = 'running'",
              lease.job, lease.attempt);
    if (!row.next()) return false;
  }
  {
    Query row(db_, "SELECT 1 FROM picture WHERE (job = ? AND idx = ?) OR id = ?", lease.job,
              picture.index, picture.id);
    if (row.next()) return false;
  }
  insert(picture);
  all.keep();
  return true;
}

bool PictureStore::adopt(const PictureRecord& picture) {
  Savepoint all(db_);
  {
    Query row(db_, "SELECT 1 FROM picture WHERE (job = ? AND idx = ?) OR id = ?", picture.job,
              picture.index, picture.id);
    if (row.next()) return false;
  }
  insert(picture);
  all.keep();
  return true;
}

std::optional<PictureRecord> PictureStore::find(const std::string& id) {
  Query row(db_, std::string("SELECT ") + kColumns + " FROM picture p WHERE id = ?", id);
  if (!row.next()) return std::nullopt;
  return record_of(row);
}

std::vector<PictureRecord> PictureStore::list(const PictureFilter& filter) {
  const std::string match = words_to_match(filter.words);
  if (match.empty() && !filter.words.empty()) return {};  // only punctuation: matches nothing
  std::string sql = std::string("SELECT ") + kColumns;
  // seq is word's rowid: both ways the rows come in order and the scan stops at the limit.
  const char* key = match.empty() ? "p.seq" : "w.rowid";
  sql += match.empty() ? " FROM picture p WHERE ?1 = ''"
                       : " FROM word w JOIN picture p ON p.seq = w.rowid WHERE word MATCH ?1";
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
  std::vector<PictureRecord> pictures;
  Query rows(db_, sql, match, filter.before, filter.model, filter.style, filter.subject, filter.job,
             seed, filter.limit);
  while (rows.next()) pictures.push_back(record_of(rows));
  return pictures;
}

std::vector<PictureRecord> PictureStore::of_job(const std::string& job) {
  std::vector<PictureRecord> pictures;
  Query rows(db_, std::string("SELECT ") + kColumns + " FROM picture p WHERE job = ? ORDER BY idx",
             job);
  while (rows.next()) pictures.push_back(record_of(rows));
  return pictures;
}

GalleryFacets PictureStore::facets() {
  GalleryFacets facets;
  facets.models = distinct(db_, "SELECT DISTINCT model FROM picture ORDER BY 1 LIMIT 1000");
  facets.styles =
      distinct(db_, "SELECT DISTINCT style FROM picture WHERE style != '' ORDER BY 1 LIMIT 1000");
  facets.subjects = distinct(
      db_, "SELECT DISTINCT subject FROM picture WHERE subject != '' ORDER BY 1 LIMIT 1000");
  facets.count = count();
  return facets;
}

std::int64_t PictureStore::count() {
  Query row(db_,
            "SELECT (SELECT count(*) FROM picture) - "
            "(SELECT count(*) FROM picture WHERE deleted IS NOT NULL)");
  row.next();
  return row.integer(0);
}

bool PictureStore::set_favourite(const std::string& id, bool favourite) {
  return db_.execute("UPDATE picture SET favourite = ? WHERE id = ?", favourite, id) > 0;
}

bool PictureStore::set_deleted(const std::string& id, std::optional<std::int64_t> when) {
  return db_.execute("UPDATE picture SET deleted = ? WHERE id = ?", when, id) > 0;
}

bool PictureStore::set_missing(const std::string& id, bool missing) {
  return db_.execute("UPDATE picture SET missing = ? WHERE id = ?", missing, id) > 0;
}

bool PictureStore::purge(const std::string& id) {
  Savepoint both(db_);
  db_.execute("DELETE FROM word WHERE rowid = (SELECT seq FROM picture WHERE id = ?)", id);
  const bool was_there = db_.execute("DELETE FROM picture WHERE id = ?", id) > 0;
  both.keep();
  return was_there;
}

std::vector<std::string> PictureStore::deleted_before(std::int64_t when, int limit) {
  std::vector<std::string> ids;
  Query rows(db_, "SELECT id FROM picture WHERE deleted IS NOT NULL AND deleted < ? LIMIT ?", when,
             limit);
  while (rows.next()) ids.push_back(rows.text(0));
  return ids;
}

std::vector<std::pair<std::string, bool>> PictureStore::all_ids() {
  std::vector<std::pair<std::string, bool>> ids;
  for (Query rows(db_, "SELECT id, missing FROM picture"); rows.next();) {
    ids.emplace_back(rows.text(0), rows.integer(1) != 0);
  }
  return ids;
}

}  // namespace easel
