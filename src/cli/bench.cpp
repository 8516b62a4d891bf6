#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include "backend/cpu/machine.h"
#include "backend/profile.h"
#include "cli/bench_report.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/places.h"
#include "cli/recipe_options.h"
#include "core/error.h"
#include "core/json.h"
#include "pipeline/families.h"

namespace easel::cli {
namespace {

constexpr std::array kParts{"text", "unet", "decoder", "picture", "start", "upscaler"};

struct BenchOptions {
  ModelOptions model;
  Recipe how;  ///< what is left out for speed
  std::string target;
  int rounds = 5;
  bool json = false;
  bool operations = false;
  bool no_winograd = false;
  std::vector<std::string> parts;
  std::string export_folder;
  std::string on_demand;
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Times a part bare, then once more with every operation measured.
BenchResult measure(const MeasuredPart& part, Profile& profile, const BenchOptions& options,
                    const CancelToken& cancel) {
  BenchResult result{.part = part.name, .seconds = {}, .profiled_seconds = 0, .profile = {}};
  part.run();  // the first run sets up the working memory
  for (int i = 0; i < options.rounds; ++i) {
    cancel.check();
    result.seconds.push_back(seconds_of(part.run));
  }
  std::sort(result.seconds.begin(), result.seconds.end());
  profile.clear();
  result.profiled_seconds = seconds_of(part.run);
  result.profile = profile;
  return result;
}

// For bench/compare: ready, then one run and a line of seconds for every line on standard input.
void run_on_demand(const MeasuredPart& part) {
  part.run();
  print_line("{}");
  std::string line;
  while (std::getline(std::cin, line)) print_line(fmt::format("{:.6f}", seconds_of(part.run)));
}

// What is measured: a published model's numbers, or those of one that is here.
struct Measured {
  std::string name;
  std::unique_ptr<MeasuredModel> model;
  std::optional<ModelLocation> location;  // absent: no file, weights are made up
};

Measured measured_model(const ModelOptions& options, const Context& context) {
  for (const Family& family : families()) {
    if (family.published.empty() || options.model != family.published) continue;
    return {options.model, family.measure(nullptr), std::nullopt};
  }
  const ModelLocation location = location_of(options, find_places(), context.program);
  const ModelFiles files{.location = location, .weights = open_model_weights(location.path)};
  const Family& family =
      require_family(files.weights, ModelUse::kTextToImage, location.path.string());
  return {location.path.filename().string(), family.measure(&files), location};
}

std::unique_ptr<MeasuredModel> measured_upscaler() {
  for (const Family& family : families()) {
    if (family.use == ModelUse::kUpscale) return family.measure(nullptr);
  }
  return nullptr;
}

// From opening the model's files to the first step, the text encoder left out; the files in the
// system's cache.
void with_start(const BackendOptions& options, const ModelLocation& location, const UsePart& use) {
  use({.name = "start: open the model, no text",
       .run = [&] { open_drawing_model(location, {.backend = options})->load(nullptr); }});
}

// Measures a part and says so at once, but where the whole is wanted as JSON.
void add_result(const MeasuredPart& part, Profile& profile, const BenchOptions& options,
                const CancelToken& cancel, BenchReport& report) {
  report.results.push_back(measure(part, profile, options, cancel));
  if (options.json) return;
  print_result(report, report.results.back());
  if (options.operations && !report.results.back().profile.empty())
    print_operations(report, report.results.back());
}

BackendOptions backend_for(const BenchOptions& options) {
  BackendOptions backend = engine_options(options.model).backend;
  backend.target = options.target;
  if (options.no_winograd) backend.cpu.convolution = ConvAlgorithm::kDirect;
  return backend;
}

void export_all(const Measured& measured, const MeasuredModel& upscaler, Backend& backend,
                const std::string& folder) {
  std::filesystem::create_directories(folder);
  measured.model->export_parts(backend, folder);
  upscaler.export_parts(backend, folder);
  print_line("written to " + folder);
}

void run_bench(const BenchOptions& options, const Context& context) {
  const Measured measured = measured_model(options.model, context);
  const auto upscaler = measured_upscaler();
  const auto wanted = [&](const std::string& part) {
    return std::ranges::find(options.parts, part) != options.parts.end();
  };
  if (wanted("start") && !measured.location)
    fail(ErrorCode::kUsage,
         "{} is no file, so there is nothing to open: the part 'start' wants -m with a model",
         measured.name);
  const BackendOptions backend_options = backend_for(options);
  const auto backend = make_backend(backend_options);
  if (!options.export_folder.empty()) {
    return export_all(measured, *upscaler, *backend, options.export_folder);
  }
  const BackendFacts facts = backend->facts();
  BenchReport report{.model = measured.name,
                     .target = facts.label,
                     .threads = backend->threads().threads(),
                     .precision = options.model.precision,
                     .peak = measure_peak(backend->threads(), facts.instruction_set),
                     .results = {}};
  if (!options.json && options.on_demand.empty()) print_machine(report);

  Profile profile;
  const auto profiling = make_profiling_backend(*backend, profile);
  const UsePart use = [&](const MeasuredPart& part) {
    if (!options.on_demand.empty()) {
      if (part.name.starts_with(options.on_demand)) run_on_demand(part);
      return;
    }
    add_result(part, profile, options, context.cancel, report);
  };
  for (const char* part : {"text", "unet", "decoder", "picture"}) {
    if (wanted(part)) measured.model->with_part(part, *profiling, options.how, use);
  }
  if (wanted("start")) with_start(backend_options, *measured.location, use);
  if (wanted("upscaler")) upscaler->with_part("upscaler", *profiling, {}, use);
  if (options.json) print_line(as_json(report).dump({.indent = 2}));
}

}  // namespace

Action add_bench(CLI::App& app) {
  const auto options = std::make_shared<BenchOptions>();
  add_model_options(app, options->model);
  add_recipe_options(app, options->how, {.group = kSpeedGroup});
  options->model.model = "ldm-large";
  app.get_option("--model")->description(
      "ldm-large (made-up weights of the published shapes, no file needed), or a model: "
      "'default', an installed name, a folder, a file [ldm-large]");
  options->parts = {"text", "unet", "decoder", "upscaler"};
  app.add_option("--parts", options->parts,
                 "What to measure, of text, unet, decoder, picture (a whole one), start (opening a "
                 "model's files) and upscaler "
                 "[text,unet,decoder,upscaler]")
      ->delimiter(',')
      ->check(CLI::IsMember(std::vector<std::string>(kParts.begin(), kParts.end())).description(""))
      ->type_name("PART,...");
  app.add_option("--rounds", options->rounds, "Runs of each part; the median is shown [5]")
      ->check(whole_number(1, 1000))
      ->type_name("N");
  app.add_option("--target", options->target,
                 "Instruction set, no better than this: AVX3, AVX2, SSE4 [the best there is]")
      ->type_name("NAME");
  app.add_option("--export", options->export_folder,
                 "Write weights, inputs and outputs for another program to this folder instead")
      ->type_name("FOLDER");
  app.add_option("--on-demand", options->on_demand)->group("");
  app.add_flag("--operations", options->operations, "A table of every operation of each part");
  app.add_flag("--no-winograd", options->no_winograd, "Direct convolutions only");
  app.add_flag("--json", options->json, "Print everything as JSON");
  app.footer(
      "The first line says what these threads can do at most; the last column is the share of it "
      "that\nwas reached, so that one thread and two compare directly.\n\nExamples:\n"
      "  easel bench -m default --parts picture,start\n"
      "  easel bench -m default --parts unet --operations\n"
      "  easel bench --parts unet --threads 1\n"
      "  easel bench --parts unet --threads 2 --pin");
  return [options](const Context& context) { run_bench(*options, context); };
}

}  // namespace easel::cli
