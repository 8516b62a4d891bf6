#pragma once

#include <filesystem>
#include <string>

namespace easel::cli {

// How scripts/txt2img.py calls its files.

/// "a-ship-at-sea"
std::string grid_words(const std::string& prompt);
/// Throws kUsage for a prompt that the grid cannot be named after. The original would fail at the
/// very end, with all the work done.
void check_grid_name(const std::string& prompt);
/// WORDS.png, or WORDS-2.png and so on where that exists.
std::filesystem::path grid_path(const std::filesystem::path& folder, const std::string& words);

/// The next numbered .png: the original counts what is in the folder; here, never onto a file.
class SampleNames {
 public:
  explicit SampleNames(std::filesystem::path folder, int digits = 4);
  std::filesystem::path next();

 private:
  std::filesystem::path folder_;
  int digits_;
  int next_ = 0;
};

}  // namespace easel::cli
