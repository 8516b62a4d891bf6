#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "atelier/export.h"
#include "atelier/matrix.h"
#include "cli/catalogue_names.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/gallery_add.h"
#include "cli/known_models.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/recipe_options.h"
#include "core/error.h"
#include "core/units.h"
#include "store/data_folder.h"
#include "store/open/open_records.h"

namespace easel::cli {
namespace {

namespace fs = std::filesystem;

struct DrawOptions {
  std::string data;
  std::vector<std::string> subjects;
  std::vector<std::string> styles;
  DrawJob settings{.recipe = {}, .count = 16};
  bool quiet = false;
  ModelOptions model;
};

struct ExportCommandOptions {
  std::string data;
  std::string folder;
  std::string title;
  std::string format = "webp";
  int per_pair = 16;
  int quality = 90;
  bool force = false;
  bool quiet = false;
};

fs::path data_folder(const std::string& given, const Places& places) {
  return given.empty() ? places.data : fs::path(given);
}

// The pictures; to write them, also the claim that nobody else writes meanwhile.
struct OpenGallery {
  OpenGallery(const fs::path& path, DataFolder::Claim claim)
      : folder(path, claim),
        records(open_records(folder)),
        files(folder.pictures(), folder.thumbnails()) {}

  DataFolder folder;
  std::unique_ptr<Records> records;
  PictureFiles files;
};

std::vector<std::string> names_of(const std::vector<MatrixEntry>& entries) {
  std::vector<std::string> names;
  for (const MatrixEntry& entry : entries) names.push_back(entry.name);
  return names;
}

// The entries that a person named; all where none was.
std::vector<MatrixEntry> chosen(const std::vector<std::string>& wanted,
                                const std::vector<MatrixEntry>& all) {
  if (wanted.empty()) return all;
  std::vector<MatrixEntry> entries;
  for (const std::string& name : wanted) entries.push_back(entry_named(all, name));
  return entries;
}

const Enlarger* upscaler_of(const Engine& engine, Enlarging& enlarging) {
  if (enlarging.factor.value_or(1) <= 1) enlarging = {};
  if (!enlarging.factor) return nullptr;
  const Enlarger* found = find_enlarger(engine.enlargers, enlarging.upscaler);
  if (found == nullptr) {
    fail(ErrorCode::kUsage, "there is no upscaler '{}'; there are {}", enlarging.upscaler,
         names_of(engine.enlargers));
  }
  enlarging.upscaler = found->name;
  return found;
}

// The settings with the model's own choices in the places that were left to it.
DrawJob complete(const DrawOptions& options, const DrawingModel& drawing,
                 const std::string& model) {
  DrawJob settings = options.settings;
  Recipe& recipe = settings.recipe;
  if (!recipe.seed.seed) recipe.seed.seed = 1;
  recipe = drawing.completed(recipe);
  recipe.model.name = model;
  recipe.arithmetic = drawing.arithmetic();
  return settings;
}

void run_draw(const DrawOptions& options, const Context& context) {
  const Places places = find_places();
  Progress progress(detect_console(), options.quiet);
  progress.status("reading the model");
  OpenGallery gallery(data_folder(options.data, places), DataFolder::Claim::kNeeded);
  const Json lists = catalogue_of(places).to_json();

  const KnownModels known = known_models(options.model, places, context.program);
  const Engine engine =
      make_engine(engine_options(options.model), known.all, engine_folders(places));
  const std::unique_ptr<DrawingModel> model = engine.open(known.wanted, false);

  MatrixRequest request{.subjects = chosen(options.subjects, entries_of(lists["subjects"])),
                        .styles = chosen(options.styles, entries_of(lists["styles"])),
                        .join = lists["join"].get<std::string>(),
                        .settings = complete(options, *model, known.wanted.name)};
  const Enlarger* upscaler = upscaler_of(engine, request.settings.recipe.enlarging);

  const auto start = std::chrono::steady_clock::now();
  TimeLeft time_left;
  MatrixHooks hooks;
  hooks.cancel = &context.cancel;
  hooks.on_note = [&](const std::string& note) { progress.note("easel: " + note); };
  hooks.on_progress = [&](const MatrixProgress& now) {
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double fraction = (now.done + now.drawing) / std::max(now.total, 1);
    const double left = time_left.at(fraction, seconds);
    progress.update(fraction,
                    fmt::format("{} of {} pictures{}, {}", now.done, now.total,
                                left < 0 ? "" : ", " + human_seconds(left) + " left", now.pair));
  };
  const MatrixReport report =
      draw_matrix(request, *model, upscaler, *gallery.records, gallery.files, hooks);
  progress.clear();
  if (options.quiet) return;
  print_line(fmt::format("{} pictures drawn, {} were there: {} subjects in {} styles, {} each",
                         report.drawn, report.kept, request.subjects.size(), request.styles.size(),
                         request.settings.count));
  print_line("  as a web page: " + context.program + " gallery export FOLDER");
}

void run_export(const ExportCommandOptions& options, const Context& context) {
  const Places places = find_places();
  Progress progress(detect_console(), options.quiet);
  OpenGallery gallery(data_folder(options.data, places), DataFolder::Claim::kIfFree);
  const Json lists = catalogue_of(places).to_json();
  ExportOptions wanted{.folder = options.folder,
                       .subjects = names_of(entries_of(lists["subjects"])),
                       .styles = names_of(entries_of(lists["styles"])),
                       .per_pair = options.per_pair,
                       .format = format_for("x." + options.format),
                       .quality = options.quality,
                       .force = options.force};
  if (!options.title.empty()) wanted.title = options.title;
  const ExportReport report =
      export_gallery(wanted, *gallery.records, gallery.files,
                     {.on_picture =
                          [&](int done, int total) {
                            progress.update(static_cast<double>(done) / std::max(total, 1),
                                            fmt::format("{} of {} pictures", done, total));
                          },
                      .cancel = &context.cancel});
  progress.clear();
  if (options.quiet) return;
  print_line(fmt::format("{}  {} pictures of {} pairs, {}",
                         (fs::path(options.folder) / "index.html").string(), report.pictures,
                         report.pairs, human_bytes(report.bytes)));
}

void add_data_option(CLI::App& app, std::string& data) {
  app.add_option("--data", data, "The gallery's folder [the one that easel serve uses]")
      ->type_name("FOLDER");
}

void add_draw_options(CLI::App& app, DrawOptions& options) {
  DrawJob& settings = options.settings;
  app.add_option("--subjects", options.subjects, "Names of the catalogue, or words [all of it]")
      ->type_name("NAME");
  app.add_option("--styles", options.styles, "Names of the catalogue, or words [all of it]")
      ->type_name("NAME");
  app.add_option("--count", settings.count, "Pictures of each pair, seeds counting up [16]")
      ->check(whole_number(1, 1000))
      ->type_name("N");
  app.add_option("--upscale", settings.recipe.enlarging.factor,
                 "Enlarge every picture so many times [1]")
      ->check(whole_number(1, kMaxUpscale))
      ->type_name("N");
  app.add_option("--upscaler", settings.recipe.enlarging.upscaler, "With what [the best there is]")
      ->type_name("NAME");
  // The seed is the first picture's [1]; one picture's neighbours are no matrix.
  static constexpr const Field* kBut[] = {&fields::kVariation, &fields::kWildcards};
  add_recipe_options(app, settings.recipe, {.group = kPictureGroup, .but = kBut});
  add_recipe_options(app, settings.recipe, {.group = kSpeedGroup});
  app.add_flag("--quiet", options.quiet, "Print nothing but errors");
}

void add_export_options(CLI::App& app, ExportCommandOptions& options) {
  app.add_option("FOLDER", options.folder, "Where to; made if it is not there")
      ->required()
      ->type_name("");
  app.add_option("--title", options.title, "The page's heading")->type_name("TEXT");
  app.add_option("--count", options.per_pair, "Pictures of each pair at most [16]")
      ->check(whole_number(1, 1000))
      ->type_name("N");
  app.add_option("--format", options.format, "webp, jpg, or png with its settings inside [webp]")
      ->check(CLI::IsMember({"webp", "jpg", "png"}).description(""))
      ->type_name("F");
  app.add_option("--quality", options.quality, "Of webp and jpg [90]")
      ->check(whole_number(1, 100))
      ->type_name("N");
  app.add_flag("--force", options.force, "Also into a folder that holds other things");
  app.add_flag("--quiet", options.quiet, "Print nothing but errors");
}

}  // namespace

Action add_gallery(CLI::App& app) {
  const auto draw = std::make_shared<DrawOptions>();
  const auto out = std::make_shared<ExportCommandOptions>();
  const auto brought = std::make_shared<GalleryAddOptions>();
  app.require_subcommand(0, 1);
  CLI::App* drawing = app.add_subcommand(
      "draw", "draw every subject in every style; what is there is not drawn again");
  add_draw_options(*drawing, *draw);
  add_data_option(*drawing, draw->data);
  add_model_options(*drawing, draw->model);
  refuse_short_n(*drawing);
  CLI::App* exporting =
      app.add_subcommand("export", "write the gallery as a web page that needs no Easel");
  add_export_options(*exporting, *out);
  add_data_option(*exporting, out->data);
  CLI::App* adding = add_gallery_add(app, *brought);
  add_data_option(*adding, brought->data);
  drawing->footer(
      "Examples:\n"
      "  easel gallery draw --count 16 --upscale 4\n"
      "  easel gallery draw --subjects \"a robot\" \"ship at sea\" --styles Monet --count 4");
  exporting->footer(
      "Examples:\n"
      "  easel gallery export my-pictures\n"
      "  easel gallery export site/ --count 4 --format png --title \"Robots\"");
  app.footer(
      "Examples:\n"
      "  easel gallery draw --count 16 --upscale 4\n"
      "  easel gallery draw --subjects \"a robot\" \"ship at sea\" --styles Monet --count 4\n"
      "  easel gallery export my-pictures");
  return [=](const Context& context) {
    if (drawing->parsed()) return run_draw(*draw, context);
    if (exporting->parsed()) return run_export(*out, context);
    if (adding->parsed()) return run_gallery_add(*brought, context);
    fail(ErrorCode::kUsage, "gallery wants to know what to do: 'draw', 'add' or 'export'");
  };
}

}  // namespace easel::cli
