#include "cli/txt2img_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/prompts.h"
#include "core/error.h"
#include "recipe/recipe.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFileName = 255;  // bytes, on every file system of Linux

}  // namespace

std::string grid_words(const std::string& prompt) {
  std::string words = prompt;
  std::replace(words.begin(), words.end(), ' ', '-');
  return words;
}

void check_grid_name(const std::string& prompt) {
  check_prompt(prompt);
  if (is_blank(prompt))
    fail(ErrorCode::kUsage,
         "--prompt is empty; 'easel draw --allow-empty \"\"' draws without words");
  if (prompt.find('/') != std::string::npos)
    fail(ErrorCode::kUsage,
         "the grid is named after the prompt, and a file's name cannot hold '/': write the prompt "
         "without it, or use 'easel draw', which chooses names itself");
  const std::size_t bytes = grid_words(prompt).size() + std::string(".png").size();
  if (bytes > kMaxFileName)
    fail(ErrorCode::kUsage,
         "the grid is named after the prompt, and this one's name would have {} bytes, over the {} "
         "that a file system takes: shorten the prompt, or use 'easel draw', which chooses names "
         "itself",
         bytes, kMaxFileName);
}

fs::path grid_path(const fs::path& folder, const std::string& words) {
  fs::path path = folder / (words + ".png");
  for (int number = 2; fs::exists(fs::symlink_status(path)); ++number) {
    const std::string ending = "-" + std::to_string(number) + ".png";
    path = folder / (words.substr(0, kMaxFileName - ending.size()) + ending);
  }
  return path;
}

SampleNames::SampleNames(fs::path folder, int digits)
    : folder_(std::move(folder)), digits_(digits) {
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error))
    ++next_;
}

fs::path SampleNames::next() {
  fs::path path;
  do {
    path = folder_ / fmt::format("{:0{}}.png", next_++, digits_);
  } while (fs::exists(fs::symlink_status(path)));
  return path;
}

}  // namespace easel::cli
