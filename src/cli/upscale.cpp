#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/picture_tasks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/safe_print.h"
#include "cli/upscaler_choice.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "core/units.h"
#include "recipe/enlarged.h"
#include "recipe/fields.h"

namespace easel::cli {
namespace {

namespace fs = std::filesystem;

struct UpscaleCommandOptions {
  std::vector<std::string> inputs;
  std::string output;
  std::string blend;
  std::optional<double> denoise;
  UpscaleRequest request;
  bool recursive = false;
  bool skip_existing = false;
  bool force = false;
  bool json = false;
  bool quiet = false;
  ModelOptions model;
};

// Refuses before the work what could not be written after it: each format has a largest side.
void check_fits(Image::Size size, double scale, ImageFormat format) {
  const int most = format == ImageFormat::kWebp ? 16383 : 65500;  // libwebp's and libjpeg's
  const double side = std::max(size.width, size.height) * scale;
  if (format == ImageFormat::kPng || std::lround(side) <= most) return;
  fail(ErrorCode::kUsage, "{} x {} pixels, {} times enlarged, are more than the {} of a {}'s side",
       size.width, size.height, shortest(scale), most, name_of(format));
}

// Enlarges the pictures of one command, one after another.
class UpscaleCommand {
 public:
  UpscaleCommand(const UpscaleCommandOptions& options, const Context& context)
      : options_(options),
        context_(context),
        progress_(detect_console(), options.quiet),
        tasks_(plan_tasks(
            {.inputs = options.inputs,
             .output = options.output,
             .recursive = options.recursive,
             .on_skipped = [&](const std::string& what) { progress_.note("easel: " + what); }})) {
    if (options.skip_existing) {
      const std::size_t all = tasks_.size(), there = leave_out_existing(tasks_);
      if (there > 0)
        progress_.note(fmt::format("easel: {} of {} pictures are there already", there, all));
    }
    if (tasks_.empty()) return;
    if (to_stream(tasks_.front()) && options.json)
      fail(ErrorCode::kUsage, "--json and -o - would both write to standard output");
    for (const PictureTask& task : tasks_) {
      std::error_code ignored;
      if (fs::is_directory(task.to, ignored))
        fail(ErrorCode::kUsage, "'{}' is a folder", task.to.string());
      if (!to_stream(task)) output_for(task).check();
    }
  }

  void run() {
    progress_.status("reading the upscaler");
    const UpscalerChoice choice{
        .model = options_.model.model, .blend = options_.blend, .denoise = options_.denoise};
    Upscaler upscaler(location_of(choice, find_places(), context_.program),
                      {.backend = engine_options(options_.model).backend, .memory_limit = 0});
    start_ = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < tasks_.size(); ++i) enlarge_or_report(upscaler, i);
    report_all(upscaler);
  }

 private:
  static bool to_stream(const PictureTask& task) { return task.to == kStandardStream; }

  OutputPlan output_for(const PictureTask& task) const {
    return OutputPlan({.output = task.to.string(), .count = 1, .force = options_.force});
  }

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  // One bad picture of a folder does not take the others with it.
  void enlarge_or_report(Upscaler& upscaler, std::size_t index) {
    if (tasks_.size() == 1) return enlarge(upscaler, index);
    try {
      enlarge(upscaler, index);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kNoSpace) throw;
      progress_.clear();
      print_error_line(fmt::format("easel: {}", error.what()));
      failures_.push_back({{"from", tasks_[index].from.string()}, {"error", error.what()}});
    }
  }

  void enlarge(Upscaler& upscaler, std::size_t index) {
    const PictureTask& task = tasks_[index];
    context_.cancel.check();
    Picture picture = read_input(task.from);
    const ImageFormat format = to_stream(task) ? ImageFormat::kPng : format_for(task.to);
    const double scale = options_.request.scale > 0 ? options_.request.scale
                                                    : static_cast<double>(upscaler.info().scale);
    check_fits(picture.image.size(), scale, format);

    UpscaleHooks hooks;
    hooks.cancel = &context_.cancel;
    hooks.on_tile = [&](int done, int total, double) { show(index, done, total); };
    const double before = seconds();
    Image large = upscaler.upscale(picture.image, options_.request, hooks);
    const double taken = seconds() - before;
    context_.cancel.check();
    picture.image = Image();  // a large one is not kept twice while the result is compressed
    progress_.status("writing " + task.to.string());
    say_enlarged(picture.metadata, enlarging_of(scale));
    for (const std::string& what : left_out(picture.metadata, format))
      picture.notes.push_back(fmt::format("a {} has no room for {}", name_of(format), what));
    write(task, large, {.metadata = std::move(picture.metadata)});
    report(task, large.size(), taken, picture.notes);
  }

  // As `draw --upscale` says it, so that the file's command gives the file.
  Enlarging enlarging_of(double scale) const {
    const std::string& model = options_.model.model;
    return {.factor = scale,
            .upscaler = model.empty() ? std::string(fields::kUpscaler.usual) : model};
  }

  void write(const PictureTask& task, const Image& image, const EncodeOptions& options) {
    if (!to_stream(task)) {
      output_for(task).write(image, options, {});
      return;
    }
    progress_.clear();
    write_standard_output(encode_picture(image, ImageFormat::kPng, options));
  }

  void show(std::size_t index, int done, int total) {
    const auto count = static_cast<double>(tasks_.size());
    const double fraction =
        (static_cast<double>(index) + static_cast<double>(done) / std::max(1, total)) / count;
    const double now = seconds();
    const double left = time_left_.at(fraction, now);
    const std::string which =
        tasks_.size() > 1 ? fmt::format("picture {} of {}, ", index + 1, tasks_.size()) : "";
    progress_.update(fraction,
                     fmt::format("{}tile {} of {}, {}{}", which, done, total, human_seconds(now),
                                 left < 0 ? "" : ", " + human_seconds(left) + " left"));
  }

  void report(const PictureTask& task, Image::Size size, double taken,
              const std::vector<std::string>& notes) {
    const double megapixels = 1e-6 * size.width * size.height;
    const double rate = megapixels / std::max(taken, 1e-6);
    if (options_.json) {
      pictures_.push_back({{"path", task.to.string()},
                           {"from", task.from.string()},
                           {"width", size.width},
                           {"height", size.height},
                           {"notes", notes},
                           {"seconds", taken},
                           {"megapixels_per_second", rate}});
      return;
    }
    if (options_.quiet) return;
    progress_.clear();
    for (const std::string& note : notes)
      print_error_line(fmt::format("easel: note: {}: {}", task.from.string(), note));
    if (to_stream(task)) return;
    print_line(fmt::format("{}  {}x{}, {}, {:.3g} megapixels a second", task.to.string(),
                           size.width, size.height, human_seconds(taken), rate));
  }

  void report_all(const Upscaler& upscaler) {
    progress_.clear();
    if (options_.json) {
      const Json result = {{"model", upscaler.info().name},
                           {"network", upscaler.info().description},
                           {"scale", upscaler.info().scale},
                           {"backend", upscaler.backend().name()},
                           {"target", upscaler.backend().target()},
                           {"pictures", pictures_},
                           {"failed", failures_}};
      // Invalid UTF-8 in a path is replaced rather than thrown on.
      print_json(result);
    }
    if (!failures_.empty())
      throw FailedInPart(ErrorCode::kIo, fmt::format("{} of {} pictures could not be enlarged",
                                                     failures_.size(), tasks_.size()));
  }

  const UpscaleCommandOptions& options_;
  const Context& context_;
  Progress progress_;
  std::vector<PictureTask> tasks_;
  std::chrono::steady_clock::time_point start_;
  TimeLeft time_left_;
  Json pictures_ = Json::array();
  Json failures_ = Json::array();
};

void add_network_options(CLI::App& app, UpscaleCommandOptions& options) {
  const char* group = "Upscaler";
  app.add_option("-m,--model", options.model.model,
                 "An ESRGAN or Real-ESRGAN file (.pth, .safetensors), a folder, or an installed "
                 "name [the one that comes with Easel]")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--blend", options.blend,
                 "Mix two upscalers of one shape: 0 is A alone, 1 is B alone")
      ->type_name("A:B:SHARE")
      ->group(group);
  app.add_option("--denoise", options.denoise,
                 "With realesr-general-x4v3 and its wdn sibling: 0 keeps noise, 1 removes it")
      ->check(real_number(0, 1))
      ->type_name("S")
      ->group(group);
  app.add_option("--scale", options.request.scale,
                 "How much larger each side becomes: any factor up to 16 [the upscaler's own]")
      ->check(real_number(0.01, 16))
      ->type_name("X")
      ->group(group);
  app.add_option("--tile", options.request.tile,
                 "Work on squares of N pixels at a time [as memory allows]")
      ->check(whole_number(1))
      ->type_name("N")
      ->group(group);
  app.add_option("--overlap", options.request.overlap,
                 "Pixels by which a square looks beyond itself [32, or fewer where that is all]")
      ->check(whole_number(0, 4096))
      ->type_name("M")
      ->group(group);
  add_backend_options(app, options.model);
}

void add_upscaled_output(CLI::App& app, UpscaleCommandOptions& options) {
  const char* group = "Output";
  app.add_option(
         "-o,--output", options.output,
         "A file (.png, .jpg, .webp), a folder for pictures under their own names, or - for "
         "a PNG on standard output")
      ->required()
      ->type_name("PATH")
      ->group(group);
  app.add_flag("--force", options.force, "Replace files that exist")->group(group);
  app.add_flag("--skip-existing", options.skip_existing,
               "Pass over pictures that are there already")
      ->group(group);
  app.add_flag("--json", options.json, "Print the result as JSON")->group(group);
  app.add_flag("--quiet", options.quiet, "Print nothing but errors (and --json)")->group(group);
}

}  // namespace

Action add_upscale(CLI::App& app) {
  const auto options = std::make_shared<UpscaleCommandOptions>();
  app.add_option("IN", options->inputs,
                 "Pictures (PNG, JPEG, WebP), folders of them, or - for standard input")
      ->required()
      ->type_name("");
  app.add_flag("-r,--recursive", options->recursive, "Look into folders in folders too");
  add_network_options(app, *options);
  add_upscaled_output(app, *options);
  app.footer(
      "Examples:\n"
      "  easel upscale cat.png -o cat-large.png\n"
      "  easel upscale outputs/ -o large/ --scale 2\n"
      "  easel upscale pictures/ -o large/ --recursive\n"
      "  easel upscale photo.jpg -m RealESRGAN_x4plus.pth -o photo-large.webp");
  return [options](const Context& context) {
    UpscaleCommandOptions given = *options;
    given.inputs = without_marks(std::move(given.inputs));
    UpscaleCommand(given, context).run();
  };
}

}  // namespace easel::cli
