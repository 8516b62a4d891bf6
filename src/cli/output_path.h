#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/file_names.h"
#include "image/codec.h"

namespace easel::cli {

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
    bool force = false;      ///< existing files may be replaced
    std::string names = {};  ///< pattern of FileNames for those in a folder
  };

  /// Throws as FileNames, and kUsage for a file's name that does not end in .png, .jpg, .jpeg or
  /// .webp.
  explicit OutputPlan(Options options);

  /// Checks that the names are free and can be written; changes nothing. Throws kUsage, kIo,
  /// kNoSpace.
  void check() const;

  /// Where a preview of the next picture goes: its name with ".preview.png" for an ending. Throws
  /// kUsage where a file of that name is in the way.
  std::filesystem::path preview_name(const Recipe& recipe) const;

  /// Writes one picture, in a folder under a name of its recipe's; returns its path. Throws as
  /// write_picture.
  std::filesystem::path write(const Image& image, const EncodeOptions& options,
                              const Recipe& recipe);

 private:
  std::filesystem::path given_name(int index) const;
  std::filesystem::path in_folder(const Recipe& recipe, int attempt) const;

  Options options_;
  FileNames names_;
  std::filesystem::path folder_;
  std::filesystem::path file_;  // empty: names of its own in folder_
  int written_ = 0;
};

}  // namespace easel::cli
