#include "cli/picture_tasks.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "core/error.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kStandardInput = "/dev/stdin";

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

// A folder's pictures, and what in it was not looked at.
struct Found {
  std::vector<fs::path> pictures;
  int folders = 0;
  int others = 0;  ///< files that are no pictures by their names
};

std::string counted(int count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// "passed over in 'a': 2 files of other kinds, 1 folder (--recursive looks into it)"; empty:
// nothing
std::string skipped_text(const fs::path& folder, const Found& found) {
  std::string what;
  if (found.others > 0)
    what = counted(found.others, "file of another kind", "files of other kinds");
  if (found.folders > 0) {
    what += (what.empty() ? "" : ", ") + counted(found.folders, "folder", "folders") +
            " (--recursive looks into them)";
  }
  return what.empty() ? "" : "passed over in '" + folder.string() + "': " + what;
}

Found pictures_in(const fs::path& folder, const PictureInputs& inputs) {
  Found found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path path = it->path();
    const bool hidden = path.filename().string().starts_with('.');
    if (is_folder(path)) {
      const bool own = is_same(path, inputs.output);
      const bool wanted = inputs.recursive && !hidden && !own;
      found.folders += !wanted && !hidden && !own ? 1 : 0;
      if (!wanted) it.disable_recursion_pending();
    } else if (!hidden && format_by_name(path)) {
      found.pictures.push_back(path);
    } else if (!hidden) {
      ++found.others;
    }
  }
  if (error) fail(ErrorCode::kIo, "could not read '{}': {}", folder.string(), error.message());
  std::ranges::sort(found.pictures);
  return found;
}

void check_streams(const PictureInputs& inputs) {
  const bool from_stream = std::ranges::count(inputs.inputs, kStandardStream) > 0;
  const bool to_stream = inputs.output == kStandardStream;
  if ((from_stream || to_stream) && inputs.inputs.size() > 1) {
    fail(ErrorCode::kUsage, "- is one picture: it goes with no others");
  }
  if (to_stream && is_folder(inputs.inputs.front())) {
    fail(ErrorCode::kUsage, "a folder's pictures do not go into one standard output");
  }
  if (to_stream && isatty(STDOUT_FILENO) != 0) {
    fail(ErrorCode::kUsage, "-o - writes a picture, and standard output is a terminal");
  }
  if (from_stream && (is_folder(inputs.output) || inputs.output.ends_with('/'))) {
    fail(ErrorCode::kUsage, "a picture from standard input has no name: -o needs a file's");
  }
}

// Tasks whose `to` is still relative to the output's folder.
std::vector<PictureTask> named_tasks(const PictureInputs& inputs) {
  std::vector<PictureTask> tasks;
  for (const std::string& input : inputs.inputs) {
    std::error_code ignored;
    if (input == kStandardStream) {
      tasks.push_back({input, {}});
      continue;
    }
    if (!fs::exists(input, ignored)) fail(ErrorCode::kNotFound, "there is no file '{}'", input);
    if (!is_folder(input)) {
      tasks.push_back({input, fs::path(input).filename()});
      continue;
    }
    const Found found = pictures_in(input, inputs);
    if (found.pictures.empty()) {
      fail(ErrorCode::kNotFound, "the folder '{}' holds no PNG, JPEG or WebP picture{}", input,
           found.folders > 0 ? "; --recursive looks into its folders too" : "");
    }
    if (const std::string skipped = skipped_text(input, found);
        !skipped.empty() && inputs.on_skipped) {
      inputs.on_skipped(skipped);
    }
    for (const fs::path& picture : found.pictures) {
      tasks.push_back({picture, picture.lexically_relative(input)});
    }
  }
  return tasks;
}

}  // namespace

std::optional<ImageFormat> format_by_name(const fs::path& path) {
  try {
    return format_for(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<PictureTask> plan_tasks(const PictureInputs& inputs) {
  const std::string& output = inputs.output;
  if (output.empty()) fail(ErrorCode::kUsage, "-o needs a file or a folder");
  check_streams(inputs);
  std::vector<PictureTask> tasks = named_tasks(inputs);
  const bool several = inputs.inputs.size() > 1 || is_folder(inputs.inputs.front());
  if (!several && !output.ends_with('/') && !is_folder(output)) {
    tasks.front().to = output;
    return tasks;
  }
  if (several && !is_folder(output) && !output.ends_with('/') && format_by_name(output)) {
    fail(ErrorCode::kUsage, "several pictures go into a folder, and '{}' is the name of a picture",
         output);
  }
  std::map<fs::path, fs::path> taken;
  for (PictureTask& task : tasks) {
    task.to = fs::path(output) / task.to;
    const auto [other, is_free] = taken.emplace(task.to, task.from);
    if (!is_free) {
      fail(ErrorCode::kUsage, "'{}' and '{}' would both become '{}'", other->second.string(),
           task.from.string(), task.to.string());
    }
  }
  return tasks;
}

std::size_t leave_out_existing(std::vector<PictureTask>& tasks) {
  return std::erase_if(tasks, [](const PictureTask& task) {
    std::error_code ignored;
    return task.to != kStandardStream && fs::exists(fs::symlink_status(task.to, ignored));
  });
}

std::vector<std::uint8_t> read_input_bytes(const fs::path& from) {
  return read_picture_bytes(from == kStandardStream ? kStandardInput : from);
}

Picture read_input(const fs::path& from) {
  const bool is_stream = from == kStandardStream;
  return decode_picture(read_input_bytes(from), is_stream ? "on standard input" : from.string());
}

void write_standard_output(const std::vector<std::uint8_t>& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fail(ErrorCode::kIo, "could not write to standard output: {}", std::strerror(errno));
    }
    written += static_cast<std::size_t>(count);
  }
}

}  // namespace easel::cli
