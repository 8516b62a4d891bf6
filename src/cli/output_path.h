#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "image/codec.h"

namespace easel::cli {

/// The words of a prompt as part of a file name: lower case, joined by '-', at most 60 bytes,
/// letters of any alphabet kept. "picture" where no word is left.
std::string words_for_file_name(const std::string& prompt);

/// One more than the highest number that a file's name in `folder` starts with; 1 for none.
int next_number(const std::filesystem::path& folder);

/// Checks that a folder can be written, or could be made, before hours of work are spent on a
/// picture that cannot be kept. Changes nothing. Throws kIo with what stands in the way, kNoSpace.
void check_folder(const std::filesystem::path& folder);

/// Makes a folder and those above it. Throws kIo, kNoSpace.
void make_folder(const std::filesystem::path& folder);

/// Where the pictures of one command go.
class OutputPlan {
 public:
  struct Options {
    /// A path that ends in '/' or is a folder: numbered names in it. Else the file itself. Nothing:
    /// the folder "outputs".
    std::optional<std::string> output;
    int count = 1;  ///< pictures in all; a file's name gets "-1", "-2" … when there are several
    bool force = false;  ///< existing files may be replaced
  };

  /// Throws kUsage for a file's name that does not end in .png, .jpg, .jpeg or .webp.
  explicit OutputPlan(Options options);

  /// Checks that the names are free and can be written; changes nothing. Throws kUsage, kIo,
  /// kNoSpace.
  void check() const;

  /// Where a preview of the next picture goes: its name with ".preview.png" for an ending. Throws
  /// kUsage where a file of that name is in the way.
  std::filesystem::path preview_name(const std::string& prompt) const;

  /// Writes one picture, named after its prompt where names are numbered; returns its path.
  /// Throws as write_picture.
  std::filesystem::path write(const Image& image, const EncodeOptions& options,
                              const std::string& prompt);

 private:
  std::filesystem::path given_name(int index) const;

  Options options_;
  std::filesystem::path folder_;
  std::filesystem::path file_;  // empty: numbered names in folder_
  int written_ = 0;
};

}  // namespace easel::cli
