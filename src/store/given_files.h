#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "image/facts.h"

namespace easel {

/// Pictures that were given to begin at, and their masks: each file under its SHA-256, so that the
/// same one is kept once and a recipe's hash finds it. No name ever comes from outside: a text that
/// is no hash finds nothing.
///
/// Thread rule: any thread.
class GivenFiles {
 public:
  explicit GivenFiles(std::filesystem::path folder);

  /// Keeps the bytes, whole and on the disk on return. Returns their SHA-256. Throws kNoSpace, kIo.
  std::string keep(std::string_view bytes) const;
  /// Somebody asked for it again: as good as new for drop_unnamed().
  void renew(std::string_view sha256) const noexcept;
  /// Deletes what was last sent or asked for before `then` and is not among `named`. Returns how
  /// many.
  int drop_unnamed(std::filesystem::file_time_type then, const std::set<std::string>& named) const;
  /// Nothing when there is none.
  std::optional<std::string> read(std::string_view sha256) const;
  /// What a kept picture's headers say; nothing when there is none. Throws as facts_of_picture.
  std::optional<PictureFacts> facts(std::string_view sha256) const;

 private:
  std::filesystem::path file_of(std::string_view sha256) const;

  std::filesystem::path folder_;
};

}  // namespace easel
