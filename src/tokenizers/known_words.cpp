#include "tokenizers/known_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <ranges>

#include "core/edit_distance.h"
#include "core/error.h"
#include "core/printable.h"
#include "core/utf8.h"
#include "tokenizers/unicode_text.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 8 << 20;
// Shorter words are too near to each other ("house", "mouse").
constexpr std::size_t kLettersForMistakes = 6;
constexpr std::size_t kMostNoted = 12;  // words of a note

bool is_plain(char c) { return c == ' ' || (c >= 'a' && c <= 'z'); }

// As bert_words has them. Plain ones, nearly all of a table's, need no Unicode: a model opens as
// fast as without a table.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  if (std::ranges::all_of(text, is_plain)) {
    for (const auto part : std::views::split(text, ' ')) {
      if (!part.empty()) words.emplace_back(part.begin(), part.end());
    }
    return words;
  }
  for (const std::u32string& word : bert_words(text)) words.push_back(to_utf8(word));
  return words;
}

std::string joined(const std::vector<std::string>& words, std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = first; i < first + count; ++i) {
    if (i > first) text += ' ';
    text += words[i];
  }
  return text;
}

// A word or a number, not a sign between them.
bool says_something(const std::string& word) {
  const std::u32string points = code_points(word);
  return std::ranges::any_of(points, [](char32_t c) { return is_letter(c) || is_number(c); });
}

std::string read_whole(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(ErrorCode::kNotFound, "there is no file '{}'", file.string());
  std::string text;
  std::array<char, 1 << 16> piece;
  // One byte more than there may be: the constructor tells.
  while (text.size() <= kMostBytes && (in.read(piece.data(), piece.size()), in.gcount() > 0)) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) fail(ErrorCode::kIo, "cannot read '{}'", file.string());
  return text;
}

template <typename Use>
void for_lines(std::string_view text, Use&& use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    use(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Known words of a note, no more than a person reads.
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMostNoted); ++i) {
    text += fmt::format("{}'{}'", i > 0 ? ", " : "", printable(words[i]));
  }
  if (words.size() > kMostNoted) text += fmt::format(" and {} more", words.size() - kMostNoted);
  return text;
}

}  // namespace

KnownWords::KnownWords(std::string_view vocabulary, std::string_view table, std::string_view name) {
  // Pieces inside words, what is in brackets and letters that words are spelt with are no words.
  for_lines(vocabulary, [&](std::string_view line) {
    if (line.size() > 1 && !line.starts_with("##") && !line.starts_with('[')) words_.emplace(line);
  });
  if (table.size() > kMostBytes) {
    fail(ErrorCode::kInvalidFile, "'{}' is larger than {} bytes", printable(name), kMostBytes);
  }
  for_lines(table, [&](std::string_view line) { add_line(line, name); });
}

void KnownWords::add_line(std::string_view line, std::string_view name) {
  if (line.empty() || line.starts_with('#')) return;
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) {
    fail(ErrorCode::kInvalidFile, "the line '{}' of '{}' has no tab, wanted 'word<TAB>known word'",
         printable(line.substr(0, 40)), printable(name));
  }
  const std::string_view rest = line.substr(tab + 1);
  const Words word = words_of(line.substr(0, tab)),
              known = words_of(rest.substr(0, rest.find('\t')));
  if (word.empty()) return;
  if (word == known) {
    words_.insert(word.begin(), word.end());
    return;
  }
  longest_ = std::max(longest_, word.size());
  table_.emplace(joined(word, 0, word.size()), joined(known, 0, known.size()));
}

KnownWords KnownWords::from_files(const fs::path& vocabulary, const fs::path& table) {
  return {read_whole(vocabulary), read_whole(table), table.string()};
}

const std::string* KnownWords::find(const std::string& word) const {
  if (const auto it = words_.find(word); it != words_.end()) return &*it;
  const auto it = table_.find(word);
  return it == table_.end() ? nullptr : &it->second;
}

// "dogs", "foxes", "ponies"
const std::string* KnownWords::find_singular(const std::string& word) const {
  if (!word.ends_with('s') || word.size() < 4) return nullptr;
  if (const std::string* known = find(word.substr(0, word.size() - 1))) return known;
  if (!word.ends_with("es")) return nullptr;
  if (const std::string* known = find(word.substr(0, word.size() - 2))) return known;
  return word.ends_with("ies") ? find(word.substr(0, word.size() - 3) + 'y') : nullptr;
}

// One letter too many, too few, wrong or swapped; the first is right, and no ending was put on
// ("planet" is no plane). The model's own words before the table's.
const std::string* KnownWords::find_misspelt(const std::string& word) const {
  if (word.size() < kLettersForMistakes) return nullptr;
  const auto meant = [&](const std::string& known) {
    return known.size() + 1 >= word.size() && word.size() + 1 >= known.size() &&
           known.size() >= kLettersForMistakes && known.front() == word.front() &&
           !word.starts_with(known) && !known.starts_with(word) && edit_distance(known, word) == 1;
  };
  for (const std::string& known : words_) {
    if (meant(known)) return &known;
  }
  for (const auto& [known, target] : table_) {
    if (meant(known)) return &target;
  }
  return nullptr;
}

KnownWords::Match KnownWords::match(const Words& words, std::size_t at) const {
  for (std::size_t count = std::min(longest_, words.size() - at); count > 1; --count) {
    const auto it = table_.find(joined(words, at, count));
    if (it == table_.end()) continue;
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(at);
    // What the model knows word by word means what it says.
    if (std::all_of(first, first + static_cast<std::ptrdiff_t>(count),
                    [&](const std::string& word) { return knows(word); })) {
      continue;
    }
    return {.words = count, .known = it->second};
  }
  if (const std::string* known = find(words[at])) return {.words = 1, .known = *known};
  if (const std::string* known = find_singular(words[at])) return {.words = 1, .known = *known};
  if (const std::string* known = find_misspelt(words[at])) return {.words = 1, .known = *known};
  return {};
}

KnownWords::Reading KnownWords::read(std::string_view text) const {
  const Words words = words_of(text);
  Reading reading;
  bool changed = false;
  Words kept;
  for (std::size_t at = 0; at < words.size();) {
    if (!says_something(words[at])) {
      kept.push_back(words[at++]);
      continue;
    }
    const Match match = this->match(words, at);
    const std::size_t count = std::max<std::size_t>(1, match.words);
    const std::string said = joined(words, at, count);
    at += count;
    if (match.words > 0 && match.known == said) {
      kept.push_back(said);
      continue;
    }
    changed = true;
    if (match.words == 0) {
      if (std::ranges::find(reading.left_out, said) == reading.left_out.end()) {
        reading.left_out.push_back(said);
      }
    } else if (!match.known.empty()) {
      const std::pair pair(said, match.known);
      if (std::ranges::find(reading.taken_for, pair) == reading.taken_for.end()) {
        reading.taken_for.push_back(pair);
      }
      kept.push_back(match.known);
    }
  }
  reading.text = changed ? joined(kept, 0, kept.size()) : std::string(text);
  return reading;
}

std::vector<std::string> notes_of(const KnownWords::Reading& reading, std::string_view what) {
  std::vector<std::string> notes, pairs;
  for (const auto& [word, known] : reading.taken_for) {
    if (pairs.size() == kMostNoted) break;
    pairs.push_back(fmt::format("'{}' as '{}'", printable(word), printable(known)));
  }
  if (!pairs.empty()) {
    notes.push_back(fmt::format("of the {} is drawn: {}", what, fmt::join(pairs, ", ")));
  }
  if (!reading.left_out.empty()) {
    notes.push_back(fmt::format("the model does not know {}: the {} is drawn without {}",
                                listed(reading.left_out), what,
                                reading.left_out.size() == 1 ? "it" : "them"));
  }
  return notes;
}

}  // namespace easel
