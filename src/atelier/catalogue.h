#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/json_fields.h"

namespace easel {

/// The menus' subjects and styles: built in, and the person's own from a file.
class Catalogue {
 public:
  struct Entry {
    std::string name;  ///< in the menu
    std::string text;  ///< in the prompt
  };
  struct Lists {
    std::vector<Entry> subjects;
    std::vector<Entry> styles;
  };

  /// Neither file need exist; a broken one of the person's own counts as empty.
  Catalogue(const std::filesystem::path& builtin, std::filesystem::path own);

  Json to_json() const;
  /// Checks and keeps the person's own lists. Throws FaultsError, kNoSpace, kIo.
  void set_own(const Json& lists);
  void clear_own();
  const std::string& join() const { return join_; }

 private:
  std::filesystem::path own_file_;
  std::string join_ = ", ";
  Lists builtin_;
  Lists own_;
};

/// A list of entries of a request, faults gathered in `what` ("subjects").
std::vector<Catalogue::Entry> parse_entries(const Json& list, const std::string& what,
                                            std::size_t most, std::vector<Fault>& faults);

}  // namespace easel
