#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace easel {

/// The words of a model that knows few, and what others are taken for: a text in other words
/// becomes one in those that the model was taught. What stays unknown is left out, not spelt:
/// letters that stood for no word in training mean something by accident.
///
/// A word is, in this order: known; part of a phrase of the table, the longest first; the plural of
/// one of these; one of these with a single mistake in it. Words are BERT's (bert_words).
///
/// Immutable and thread-safe.
class KnownWords {
 public:
  /// `vocabulary`: WordPiece's, a piece a line. `table`: `word<TAB>known words[<TAB>language]`, a
  /// line each, the first of a word counts; a word that stands for itself is known (single letters
  /// of a vocabulary are not words by themselves), one that stands for nothing is left out unsaid
  /// ("is"). Lines that are empty or begin with '#' are passed over. `name` is for messages. Throws
  /// kInvalidFile for a line without a tab, and for a table larger than 8 MiB.
  KnownWords(std::string_view vocabulary, std::string_view table, std::string_view name);
  /// Throws kNotFound, kIo and as the constructor.
  static KnownWords from_files(const std::filesystem::path& vocabulary,
                               const std::filesystem::path& table);

  struct Reading {
    std::string text;  ///< the text itself where all of it is known
    std::vector<std::pair<std::string, std::string>> taken_for;  ///< {word, known words}, each once
    std::vector<std::string> left_out;                           ///< each once
  };
  Reading read(std::string_view text) const;

 private:
  struct Match {
    std::size_t words = 0;  ///< of the text; 0: none
    std::string known;
  };
  using Words = std::vector<std::string>;

  void add_line(std::string_view line, std::string_view name);
  bool knows(const std::string& word) const { return words_.contains(word); }
  const std::string* find(const std::string& word) const;
  const std::string* find_singular(const std::string& word) const;
  const std::string* find_misspelt(const std::string& word) const;
  Match match(const Words& words, std::size_t at) const;

  std::set<std::string, std::less<>> words_;
  std::map<std::string, std::string, std::less<>> table_;
  std::size_t longest_ = 1;  ///< phrase of the table, in words
};

/// What to tell a person of a reading: a line for what is taken for other words, one for what is
/// left out. `what`: "prompt".
std::vector<std::string> notes_of(const KnownWords::Reading& reading, std::string_view what);

}  // namespace easel
