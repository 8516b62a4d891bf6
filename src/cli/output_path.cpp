#include "cli/output_path.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kSpareBytes = 1 << 20;  // room that a picture surely fits in

[[noreturn]] void fail_cannot_write(const fs::path& path, int error) {
  fail(error == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kIo,
       "cannot write into '{}': {}; -o FOLDER/ chooses another place", path.string(),
       std::strerror(error));
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

}  // namespace

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

OutputPlan::OutputPlan(Options options) : options_(std::move(options)), names_(options_.names) {
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

fs::path OutputPlan::in_folder(const Recipe& recipe, int attempt) const {
  return folder_ / (names_.next(folder_, recipe, attempt) + ".png");
}

fs::path OutputPlan::preview_name(const Recipe& recipe) const {
  const fs::path picture = file_.empty() ? in_folder(recipe, 0) : given_name(written_);
  fs::path name = picture;
  name.replace_filename(picture.stem().string() + ".preview.png");
  std::error_code ignored;
  if (!options_.force && fs::exists(fs::symlink_status(name, ignored)))
    fail(ErrorCode::kUsage, "'{}' exists, and is where the preview goes; --force replaces it",
         name.string());
  return name;
}

fs::path OutputPlan::write(const Image& image, const EncodeOptions& options, const Recipe& recipe) {
  make_folder(folder_);
  if (!file_.empty()) {
    const fs::path path = given_name(written_);
    write_picture(path, image, options, options_.force ? IfExists::kReplace : IfExists::kRefuse);
    ++written_;
    return path;
  }
  // Another program may take the name between looking and writing: then the next one is tried.
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const fs::path path = in_folder(recipe, attempt);
    try {
      write_picture(path, image, options, IfExists::kRefuse);
      ++written_;
      return path;
    } catch (const Error& error) {
      std::error_code ignored;
      if (error.code() != ErrorCode::kUsage || !fs::exists(path, ignored)) throw;
    }
  }
  fail(ErrorCode::kIo, "no free name was found for a picture in '{}'", folder_.string());
}

}  // namespace easel::cli
