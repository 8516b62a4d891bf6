#include "cli/gallery_add.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "cli/console.h"
#include "cli/picture_tasks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "core/error.h"
#include "store/data_folder.h"
#include "store/import.h"
#include "store/open/open_records.h"

namespace easel::cli {
namespace {

namespace fs = std::filesystem;

// When a file was last written, which for a picture is when it was made; 0: nobody knows.
std::int64_t time_of(const fs::path& file) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  if (error) return 0;
  const auto time = std::chrono::file_clock::to_sys(written).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

std::string counted_pictures(int count) {
  return fmt::format("{} picture{}", count, count == 1 ? "" : "s");
}

std::string report_of(int added, int there, const fs::path& folder) {
  return fmt::format("{} added to the gallery in {}{}", counted_pictures(added), folder.string(),
                     there > 0 ? fmt::format("; {} were there already", there) : "");
}

}  // namespace

CLI::App* add_gallery_add(CLI::App& gallery, GalleryAddOptions& options) {
  CLI::App& app = *gallery.add_subcommand("add", "take pictures of any program into the gallery");
  app.add_option("FILE", options.inputs, "Pictures, and folders of them")
      ->required()
      ->type_name("");
  app.add_flag("--recursive,-r", options.recursive, "Folders in folders too");
  app.add_flag("--quiet", options.quiet, "Print nothing but errors");
  app.footer(
      "Examples:\n"
      "  easel gallery add my-pictures\n"
      "  easel gallery add a.png b.webp old-pictures --recursive");
  return &app;
}

void run_gallery_add(const GalleryAddOptions& options, const Context& context) {
  Progress progress(detect_console(), options.quiet);
  const fs::path path = options.data.empty() ? find_places().data : fs::path(options.data);
  const DataFolder folder(path);
  const std::unique_ptr<Records> records = open_records(folder);
  const PictureFiles files(folder.pictures(), folder.thumbnails());
  // The gallery's own pictures are none to be brought: as the output they are passed over.
  const std::vector<PictureTask> tasks =
      plan_tasks({.inputs = options.inputs,
                  .output = folder.pictures().string(),
                  .recursive = options.recursive,
                  .on_skipped = [&](const std::string& what) { progress.note("easel: " + what); }});
  int added = 0, there = 0, failed = 0;
  for (const PictureTask& task : tasks) {
    context.cancel.check();
    progress.update(static_cast<double>(added + there + failed) / static_cast<double>(tasks.size()),
                    task.from.string());
    try {
      const std::vector<std::uint8_t> bytes = read_input_bytes(task.from);
      const Import import = import_picture(*records, files,
                                           {.bytes = std::string(bytes.begin(), bytes.end()),
                                            .name = task.from.string(),
                                            .created = time_of(task.from)});
      ++(import.added ? added : there);
    } catch (const Error& error) {
      if (tasks.size() == 1 || error.code() == ErrorCode::kNoSpace) throw;
      ++failed;
      progress.clear();
      print_error_line(fmt::format("easel: {}", error.what()));
    }
  }
  progress.clear();
  if (!options.quiet) print_line(report_of(added, there, folder.path()));
  if (failed > 0) {
    fail(ErrorCode::kInvalidFile, "{} of {} could not be added", failed,
         counted_pictures(static_cast<int>(tasks.size())));
  }
}

}  // namespace easel::cli
