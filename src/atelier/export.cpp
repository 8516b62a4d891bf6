#include "atelier/export.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "embedded/embedded.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData = "data.js";
constexpr const char* kPictures = "pictures";
constexpr int kPage = 500;

// One pair's pictures: by seed, the best of each.
using Pair = std::map<std::uint64_t, PictureRecord>;
using Pairs = std::map<std::pair<std::string, std::string>, Pair>;

bool is_better(const PictureRecord& candidate, const PictureRecord& present) {
  return candidate.width != present.width ? candidate.width > present.width
                                          : candidate.seq > present.seq;
}

Pairs collect(Records& records) {
  Pairs pairs;
  for (std::int64_t before = 0;;) {
    const auto page = records.read_now([&](const Transaction& all) {
      return all.pictures().list({.before = before, .limit = kPage});
    });
    for (const PictureRecord& record : page) {
      const auto& [subject, style] = record.recipe.labels;
      if (subject.empty() || style.empty() || record.missing) continue;
      if (record.recipe.seed.variation) continue;
      Pair& pair = pairs[{subject, style}];
      const auto [place, is_new] = pair.try_emplace(record.recipe.seed.seed.value_or(0), record);
      if (!is_new && is_better(record, place->second)) place->second = record;
    }
    if (page.size() < static_cast<std::size_t>(kPage)) return pairs;
    before = page.back().seq;
  }
}

// The names that occur, in the order wanted.
std::vector<std::string> in_order(const std::set<std::string>& names,
                                  const std::vector<std::string>& wanted) {
  std::vector<std::string> ordered;
  for (const std::string& name : wanted) {
    if (names.contains(name) && std::ranges::find(ordered, name) == ordered.end())
      ordered.push_back(name);
  }
  for (const std::string& name : names) {
    if (std::ranges::find(ordered, name) == ordered.end()) ordered.push_back(name);
  }
  return ordered;
}

std::int64_t place_of(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) - names.begin();
}

std::string ending_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::kPng:
      return ".png";
    case ImageFormat::kJpeg:
      return ".jpg";
    case ImageFormat::kWebp:
      return ".webp";
  }
  return "";
}

// An empty or new folder, or one that an export made.
void prepare(const ExportOptions& options) {
  std::error_code error;
  const fs::path& folder = options.folder;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    fail(ErrorCode::kUsage, "{} is not a folder", folder.string());
  if (fs::exists(folder, error) && !fs::is_empty(folder, error) && !options.force &&
      !fs::exists(folder / kData, error)) {
    fail(ErrorCode::kUsage, "{} holds other things; name an empty or new folder, or say --force",
         folder.string());
  }
  fs::create_directories(folder / kPictures, error);
  if (error)
    fail(ErrorCode::kIo, "could not make the folder {}: {}", folder.string(), error.message());
}

// Writes the pictures of one export.
class Exporter {
 public:
  Exporter(const ExportOptions& options, const PictureFiles& files, const ExportHooks& hooks)
      : options_(options), files_(files), hooks_(hooks), ending_(ending_of(options.format)) {}

  void count(int total) { total_ = total; }

  // The picture as data.js tells of it; null when its file has gone.
  Json add(const PictureRecord& record) {
    if (hooks_.cancel != nullptr) hooks_.cancel->check();
    const std::string name = record.id + ending_;
    const fs::path path = options_.folder / kPictures / name;
    std::error_code error;
    if (!fs::exists(path, error)) {
      const std::optional<std::string> file = files_.picture(record.id);
      if (!file) return nullptr;
      write(path, *file, record.id);
      ++report_.written;
    }
    report_.bytes += static_cast<std::int64_t>(fs::file_size(path, error));
    kept_.insert(name);
    ++report_.pictures;
    if (hooks_.on_picture) hooks_.on_picture(report_.pictures, total_);
    return {{"file", std::string(kPictures) + "/" + name},
            {"seed", std::to_string(record.recipe.seed.seed.value_or(0))},
            {"width", record.width},
            {"height", record.height}};
  }

  // Takes away what an earlier export wrote and this one does not show.
  void remove_others() const {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(options_.folder / kPictures, error)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file(error) && !kept_.contains(name)) fs::remove(entry.path(), error);
    }
  }

  ExportReport& report() { return report_; }

 private:
  void write(const fs::path& path, const std::string& png, const std::string& id) const {
    if (options_.format == ImageFormat::kPng) return write_file_atomically(path, png);
    const Picture picture =
        decode_picture({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()}, id);
    write_picture(path, picture.image, {.quality = options_.quality, .metadata = picture.metadata});
  }

  const ExportOptions& options_;
  const PictureFiles& files_;
  const ExportHooks& hooks_;
  const std::string ending_;
  std::set<std::string> kept_;
  ExportReport report_;
  int total_ = 0;
};

int pictures_in(const Pairs& pairs, int per_pair) {
  int total = 0;
  for (const auto& [names, pair] : pairs)
    total += static_cast<int>(std::min(pair.size(), static_cast<std::size_t>(per_pair)));
  return total;
}

// What the page shows of each pair of a subject and a style that has a picture, in the page's
// order.
std::vector<Json> listed_pairs(const Pairs& pairs, const ExportOptions& options,
                               const std::vector<std::string>& subjects,
                               const std::vector<std::string>& styles, Exporter& exporter) {
  std::vector<Json> listed;
  for (const auto& [names, pair] : pairs) {
    Json shown = Json::array();
    for (const auto& [seed, record] : pair) {
      if (shown.size() == static_cast<std::size_t>(options.per_pair)) break;
      if (Json picture = exporter.add(record); !picture.is_null())
        shown.push_back(std::move(picture));
    }
    if (shown.empty()) continue;
    listed.push_back({{"subject", place_of(subjects, names.first)},
                      {"style", place_of(styles, names.second)},
                      {"prompt", pair.begin()->second.recipe.prompt},
                      {"pictures", std::move(shown)}});
  }
  std::ranges::sort(listed, {}, [](const Json& pair) {
    return std::pair(pair["subject"].get<int>(), pair["style"].get<int>());
  });
  return listed;
}

void write_page(const std::filesystem::path& folder, const Json& data) {
  for (const char* name : {"index.html", "page.css", "page.js"})
    write_file_atomically(folder / name, embedded(std::string("/export/") + name));
  // In ASCII, with '<' escaped, the text is inert wherever a host may put it.
  std::string text = data.dump({.ascii = true});
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;)
    text.replace(at, 1, "\\u003c");
  write_file_atomically(folder / kData, "window.easelGallery = " + text + ";\n");
}

}  // namespace

ExportReport export_gallery(const ExportOptions& options, Records& records,
                            const PictureFiles& files, const ExportHooks& hooks) {
  const Pairs pairs = collect(records);
  if (pairs.empty())
    fail(ErrorCode::kNotFound,
         "the gallery has no picture of a subject in a style; 'easel gallery draw' draws them");
  prepare(options);

  std::set<std::string> subject_names;
  std::set<std::string> style_names;
  for (const auto& [names, pair] : pairs) {
    subject_names.insert(names.first);
    style_names.insert(names.second);
  }
  const std::vector<std::string> subjects = in_order(subject_names, options.subjects);
  const std::vector<std::string> styles = in_order(style_names, options.styles);

  Exporter exporter(options, files, hooks);
  exporter.count(pictures_in(pairs, options.per_pair));
  const std::vector<Json> listed = listed_pairs(pairs, options, subjects, styles, exporter);

  ExportReport& report = exporter.report();
  report.pairs = static_cast<int>(listed.size());
  const std::string about = fmt::format("{} pictures: {} subjects, {} styles", report.pictures,
                                        subjects.size(), styles.size());
  const Json data = {{"title", options.title},
                     {"about", about},
                     {"subjects", subjects},
                     {"styles", styles},
                     {"pairs", listed}};
  write_page(options.folder, data);
  exporter.remove_others();
  return report;
}

}  // namespace easel
