#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "recipe/field.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// The words of a prompt as part of a file name: lower case, joined by '-', at most 60 bytes,
/// letters of any alphabet kept. "picture" where no word is left.
std::string words_for_file_name(const std::string& prompt);

/// One more than the highest number that a file's name in `folder` starts with; 1 for none.
int next_number(const std::filesystem::path& folder);

/// Whether a setting goes by that name, in JSON or as an option: of "-W,--width" "width" is one.
bool is_called(const Field& field, std::string_view name);

/// How pictures in a folder are called: text with settings in brackets, "[number]-[prompt]", which
/// is the usual one. [number] counts on from what the folder holds, [date] is today's; any other is
/// a setting by its name.
class FileNames {
 public:
  /// Throws kUsage for brackets that are not closed or name no setting, and for signs that no name
  /// can hold.
  explicit FileNames(std::string pattern = "");

  /// A name without its ending that is not taken in the folder yet. `attempt`: from 0, one more for
  /// each name that was taken meanwhile.
  std::string next(const std::filesystem::path& folder, const Recipe& recipe, int attempt) const;

 private:
  std::string filled(const Recipe& recipe, int number) const;

  std::string pattern_;
  bool numbered_;
};

}  // namespace easel::cli
