#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <vector>

#include "backend/cpu/machine.h"
#include "backend/profile.h"
#include "cli/bench/bench_export.h"
#include "cli/bench/bench_model.h"
#include "cli/bench/bench_report.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/places.h"
#include "cli/recipe_options.h"
#include "core/error.h"
#include "core/json.h"
#include "pipeline/model_files.h"
#include "pipeline/recipe_request.h"
#include "weights/weights.h"

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
BenchResult measure(const BenchPart& part, Profile& profile, const BenchOptions& options,
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
void run_on_demand(const BenchPart& part) {
  part.run();
  print_line("{}");
  std::string line;
  while (std::getline(std::cin, line)) print_line(fmt::format("{:.6f}", seconds_of(part.run)));
}

BenchModel model_of(const ModelOptions& options, const Context& context) {
  if (options.model == "ldm-large") return ldm_large();
  const ModelLocation location = location_of(options, find_places(), context.program);
  const Weights weights = open_model_weights(location.path);
  const auto file = find_config(location);
  LdmConfig config = file ? read_ldm_config(*file) : ldm_config_from_shapes(weights);
  complete_from_weights(config, weights);
  return {
      .name = location.path.filename().string(), .config = std::move(config), .location = location};
}

void run_bench(const BenchOptions& options, const Context& context) {
  const BenchModel model = model_of(options.model, context);
  const auto wanted = [&](const std::string& part) {
    return std::ranges::find(options.parts, part) != options.parts.end();
  };
  if (wanted("start") && !model.location)
    fail(ErrorCode::kUsage,
         "{} is no file, so there is nothing to open: the part 'start' wants -m with a model",
         model.name);
  const DrawRequest how = request_of(options.how, 1);
  BackendOptions backend_options = engine_options(options.model).backend;
  backend_options.target = options.target;
  if (options.no_winograd) backend_options.cpu.convolution = ConvAlgorithm::kDirect;
  const auto backend = make_backend(backend_options);
  if (!options.export_folder.empty()) {
    export_parts(*backend, model, options.export_folder);
    return print_line("written to " + options.export_folder);
  }
  const BackendFacts facts = backend->facts();
  BenchReport report{.model = model.name,
                     .target = facts.label,
                     .threads = backend->threads().threads(),
                     .precision = options.model.precision,
                     .peak = measure_peak(backend->threads(), facts.instruction_set),
                     .results = {}};
  if (!options.json && options.on_demand.empty()) print_machine(report);

  Profile profile;
  const auto profiling = make_profiling_backend(*backend, profile);
  const UsePart use = [&](const BenchPart& part) {
    if (!options.on_demand.empty()) {
      if (part.name.starts_with(options.on_demand)) run_on_demand(part);
      return;
    }
    report.results.push_back(measure(part, profile, options, context.cancel));
    if (options.json) return;
    print_result(report, report.results.back());
    if (options.operations && !report.results.back().profile.empty())
      print_operations(report, report.results.back());
  };
  if (wanted("text")) with_text_encoder(*profiling, model, use);
  if (wanted("unet")) with_unet(*profiling, model, use);
  if (wanted("decoder")) with_decoder(*profiling, model, use);
  if (wanted("picture")) with_picture(*profiling, model, how, use);
  if (wanted("start")) with_start(backend_options, model, use);
  if (wanted("upscaler")) with_upscaler(*profiling, use);
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
