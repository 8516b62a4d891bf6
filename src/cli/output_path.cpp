#include "cli/output_path.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxWordBytes = 60;
constexpr int kMaxNumber = 999'999'999;
constexpr std::uint64_t kSpareBytes = 1 << 20;  // room that a picture surely fits in

// Letters and digits; beyond ASCII everything but the blocks of punctuation, spaces and controls
// (which could turn a name around or make it look like another).
bool is_word_character(const CodePoint& c) {
  if (!c.valid) return false;
  const char32_t v = c.value;
  if (v < 0x80) return (v >= 'a' && v <= 'z') || (v >= 'A' && v <= 'Z') || (v >= '0' && v <= '9');
  const bool punctuation = v < 0xc0 || (v >= 0x2000 && v <= 0x206f) ||
                           (v >= 0x3000 && v <= 0x303f) || (v >= 0xd800 && v <= 0xf8ff) ||
                           (v >= 0xfe00 && v <= 0xfe0f) || (v >= 0xff00 && v <= 0xff0f) ||
                           v >= 0xe0000 || v == 0xfeff || v == 0x61c;
  return !punctuation;
}

[[noreturn]] void fail_cannot_write(const fs::path& path, int error) {
  fail(error == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kIo,
       "cannot write into '{}': {}; -o FOLDER/ chooses another place", path.string(),
       std::strerror(error));
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

}  // namespace

std::string words_for_file_name(const std::string& prompt) {
  std::string words;
  bool gap = false;
  for (std::string_view rest = prompt; !rest.empty();) {
    const CodePoint c = first_code_point(rest);
    const std::string_view bytes = rest.substr(0, c.bytes);
    rest.remove_prefix(c.bytes);
    if (c.valid && c.value == U'\'') continue;  // "children's" is one word
    if (!is_word_character(c)) {
      gap = true;
      continue;
    }
    if (words.size() + bytes.size() + 1 > kMaxWordBytes) break;
    if (gap && !words.empty()) words += '-';
    gap = false;
    for (const char byte : bytes)
      words += byte >= 'A' && byte <= 'Z' ? char(byte - 'A' + 'a') : byte;
  }
  return words.empty() ? "picture" : words;
}

int next_number(const fs::path& folder) {
  int highest = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    int number = 0;
    std::size_t digits = 0;
    while (digits < name.size() && name[digits] >= '0' && name[digits] <= '9' &&
           number < kMaxNumber / 10)
      number = number * 10 + (name[digits++] - '0');
    if (digits >= 4) highest = std::max(highest, number);
  }
  return highest + 1;
}

void check_folder(const fs::path& folder) {
  std::error_code error;
  fs::path existing = fs::absolute(folder).lexically_normal();
  while (!fs::exists(existing, error) && existing.has_relative_path()) {
    if (error) fail_cannot_write(folder, error.value());
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing, error)) fail_cannot_write(folder, ENOTDIR);
  if (access(existing.c_str(), W_OK | X_OK) != 0) fail_cannot_write(folder, errno);
  struct statvfs space = {};
  if (statvfs(existing.c_str(), &space) != 0) fail_cannot_write(folder, errno);
  if (space.f_flag & ST_RDONLY) fail_cannot_write(folder, EROFS);
  // Folders that are no disk (/proc) have no blocks at all.
  if (space.f_blocks > 0 && space.f_bavail * space.f_frsize < kSpareBytes)
    fail_cannot_write(folder, ENOSPC);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder)) fail_cannot_write(folder, error ? error.value() : ENOTDIR);
}

OutputPlan::OutputPlan(Options options) : options_(std::move(options)) {
  const std::string output = options_.output.value_or("outputs/");
  if (output.empty()) fail(ErrorCode::kUsage, "-o needs a file or a folder");
  std::error_code ignored;
  if (output.ends_with('/') || fs::is_directory(output, ignored)) {
    folder_ = output;
    return;
  }
  file_ = output;
  folder_ = folder_of(file_);
  format_for(file_);
}

void OutputPlan::check() const {
  std::error_code ignored;
  for (int i = written_; !file_.empty() && i < options_.count; ++i) {
    const fs::path name = given_name(i);
    if (fs::is_directory(name, ignored)) fail(ErrorCode::kUsage, "'{}' is a folder", name.string());
    if (!options_.force && fs::exists(fs::symlink_status(name, ignored)))
      fail(ErrorCode::kUsage, "'{}' exists; --force replaces it", name.string());
  }
  check_folder(folder_);
}

fs::path OutputPlan::given_name(int index) const {
  if (options_.count == 1) return file_;
  fs::path name = file_;
  name.replace_filename(file_.stem().string() + "-" + std::to_string(index + 1) +
                        file_.extension().string());
  return name;
}

fs::path OutputPlan::preview_name(const std::string& prompt) const {
  const fs::path picture =
      file_.empty()
          ? folder_ / fmt::format("{:04}-{}.png", next_number(folder_), words_for_file_name(prompt))
          : given_name(written_);
  fs::path name = picture;
  name.replace_filename(picture.stem().string() + ".preview.png");
  std::error_code ignored;
  if (!options_.force && fs::exists(fs::symlink_status(name, ignored)))
    fail(ErrorCode::kUsage, "'{}' exists, and is where the preview goes; --force replaces it",
         name.string());
  return name;
}

fs::path OutputPlan::write(const Image& image, const EncodeOptions& options,
                           const std::string& prompt) {
  make_folder(folder_);
  if (!file_.empty()) {
    const fs::path path = given_name(written_);
    write_picture(path, image, options, options_.force ? IfExists::kReplace : IfExists::kRefuse);
    ++written_;
    return path;
  }
  // Another program may take the number between looking and writing: then the next one is tried.
  constexpr int kAttempts = 1000;
  const std::string words = words_for_file_name(prompt);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const fs::path path = folder_ / fmt::format("{:04}-{}.png", next_number(folder_), words);
    try {
      write_picture(path, image, options, IfExists::kRefuse);
      ++written_;
      return path;
    } catch (const Error& error) {
      std::error_code ignored;
      if (error.code() != ErrorCode::kUsage || !fs::exists(path, ignored)) throw;
    }
  }
  fail(ErrorCode::kIo, "no free number was found for a picture in '{}'", folder_.string());
}

}  // namespace easel::cli
