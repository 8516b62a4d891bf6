#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_fields.h"
#include "prompt/alternatives.h"
#include "recipe/recipe.h"

// Prompts whose words the seed chooses (prompt/alternatives.h): one rule for commands and server.

namespace easel {

/// A folder of lists: NAME.txt, an entry a line, folders in it as NAME/NAME. Blank lines and those
/// that begin with '#' are none. Each file is read once. Not for several threads.
class WildcardFolder {
 public:
  /// `where`: that it is, for messages, as in "in 'lists'".
  WildcardFolder(std::filesystem::path folder, std::string where)
      : folder_(std::move(folder)), where_(std::move(where)) {}

  /// Valid as long as this is. Throws kNotFound with the nearest name that is there; kInvalidFile
  /// for a list that is no UTF-8, has a line that no prompt can be, or makes all that were read
  /// more than 16 MiB; kUsage for a weight that is none; kIo.
  const WildcardList& list(std::string_view name);

 private:
  std::vector<std::string> names() const;
  std::vector<std::string> lines_of(const std::string& name);

  std::filesystem::path folder_;
  std::string where_;
  std::uintmax_t bytes_ = 0;  // read so far
  std::map<std::string, WildcardList, std::less<>> read_;
};

/// What a server says of where its lists are.
inline constexpr const char* kWhereListsAre = "among this server's wildcards";

/// The recipe of a picture of a run, its words chosen by its own seed, so that it is the same
/// whatever is drawn beside it; the run's where words are not to be chosen. Seeds stay the run's,
/// as of_picture() counts them. A variation is of one picture: all get the words of the seed that
/// stays. Throws as chosen(), and kUsage for words that became too long for a prompt.
/// REQUIRES: the recipe has a seed
Recipe worded(Recipe run, int picture, WildcardFolder& lists);

/// A fault of "prompt" where the words of one of the pictures cannot be chosen.
void check_words(Fields& fields, const Recipe& run, int pictures,
                 const std::filesystem::path& folder);

}  // namespace easel
