// The gallery's lists: what is looked for, in which order, a page at a time.

#include <optional>
#include <string>

#include "store/sqlite/picture_columns.h"
#include "store/sqlite/pictures.h"

namespace easel {
namespace {

std::int64_t bits_of(std::uint64_t seed) { return static_cast<std::int64_t>(seed); }

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
}

// What full-text search is asked: all of `wanted`, none of `unwanted`.
struct Match {
  std::string wanted;
  std::string unwanted;
};

// Full-text search has a language of its own: each word is quoted, so that none of it is spoken.
// The last one may be the beginning of a word. A "-" that nothing stands before is a no.
Match words_to_match(const std::string& text) {
  Match match;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word_byte(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_word_byte(text[at])) ++at;
    const bool no = begin > 0 && text[begin - 1] == '-' && (begin == 1 || text[begin - 2] == ' ');
    std::string& list = no ? match.unwanted : match.wanted;
    if (!list.empty()) list += no ? " OR " : " ";
    list += '"' + text.substr(begin, at - begin) + '"';
    if (at == text.size()) list += " *";
  }
  return match;
}

// How pictures follow each other by `key`, which is their seq, and where a page begins: after the
// seq ?2 and, among the best, that picture's rating ?3.
struct Order {
  std::string by;
  std::string begin;
};

Order order_of(PictureOrder order, const std::string& key) {
  switch (order) {
    case PictureOrder::kOldest:
      return {.by = key, .begin = key + " > ?2"};
    case PictureOrder::kBest:
      return {.by = "p.rating DESC, " + key + " DESC",
              .begin = "(p.rating, " + key + ") < (?3, ?2)"};
    case PictureOrder::kNewest:
      break;
  }
  return {.by = key + " DESC", .begin = key + " < ?2"};
}

// Studies are told with their job, and among the deleted ones.
std::string kept_in_lists(const PictureFilter& filter) {
  if (filter.deleted) return " AND p.deleted IS NOT NULL";
  if (!filter.job.empty() && !filter.studies) return " AND p.deleted IS NULL";
  return std::string(" AND p.deleted IS NULL AND p.listed = ") + (filter.studies ? "0" : "1");
}

}  // namespace

std::vector<PictureRecord> SqlitePictures::list(const PictureFilter& filter) const {
  const Match match = words_to_match(filter.words);
  const bool asks = !match.wanted.empty() || !match.unwanted.empty();
  if (!asks && !filter.words.empty()) return {};  // only punctuation: matches nothing
  // seq is word's rowid: by either, rows come in order of age and the scan stops at the limit.
  const bool by_words = !match.wanted.empty();
  const Order order = order_of(filter.order, by_words ? "w.rowid" : "p.seq");
  std::string sql =
      select_pictures(by_words ? "word w JOIN picture p ON p.seq = w.rowid WHERE word MATCH ?1"
                               : "picture p WHERE ?1 = ''");
  const auto narrow = [&](bool wanted, const std::string& by) {
    if (wanted) sql += " AND " + by;
  };
  narrow(filter.before > 0, order.begin);
  narrow(!filter.model.empty(), "p.model = ?4");
  narrow(!filter.style.empty(), "p.style = ?5 AND p.style != ''");
  narrow(!filter.subject.empty(), "p.subject = ?6 AND p.subject != ''");
  narrow(!filter.job.empty(), "p.job = ?7");
  narrow(filter.seed.has_value(), "p.seed = ?8");
  narrow(!match.unwanted.empty(), "p.seq NOT IN (SELECT rowid FROM word WHERE word MATCH ?9)");
  narrow(!filter.tag.empty(), "p.seq IN (SELECT seq FROM tag WHERE name = ?10)");
  narrow(filter.rating > 0, "p.rating >= ?11");
  narrow(filter.since > 0, "p.created >= ?12");
  narrow(filter.until > 0, "p.created < ?13");
  narrow(filter.favourites, "p.favourite = 1");
  sql += kept_in_lists(filter);
  sql += " ORDER BY " + order.by + " LIMIT ?14";
  const std::optional<std::int64_t> seed =
      filter.seed ? std::optional(bits_of(*filter.seed)) : std::nullopt;
  Query rows(db_, sql, match.wanted, filter.before, filter.before_rating, filter.model,
             filter.style, filter.subject, filter.job, seed, match.unwanted, filter.tag,
             filter.rating, filter.since, filter.until, filter.limit);
  return read_rows<PictureColumns>(rows);
}

}  // namespace easel
