#include "cli/redraw.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "backend/onednn/onednn.h"
#include "cli/approximations.h"
#include "core/error.h"
#include "core/shell.h"
#include "core/units.h"
#include "diffusion/samplers.h"

namespace easel::cli {
namespace {

constexpr const char* kGridField = "Grid";
constexpr const char* kUpscaleField = "Upscale";  // these two are the server's as well
constexpr const char* kUpscalerField = "Upscaler";
constexpr const char* kShippedUpscaler = "upscaler";
constexpr const char* kIterationsField = "txt2img n_iter";
constexpr const char* kSamplesField = "txt2img n_samples";
constexpr const char* kPictureField = "txt2img picture";
constexpr int kMaxGridSide = 64;

// A command under construction.
class Words {
 public:
  explicit Words(const std::string& program) : text_(shell_quoted(program)) {}
  void add(const std::string& word) { text_ += " " + shell_quoted(word); }
  void add(const std::string& option, const std::string& value) {
    // A value like "-5" would be taken for an option where it stands alone.
    if (value.starts_with('-')) return add(option + "=" + value);
    add(option);
    add(value);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

std::optional<int> parse_number(const std::string& text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

std::string field(const Settings& settings, const std::string& name) {
  for (const auto& [key, value] : settings.extra) {
    if (key == name) return value;
  }
  return "";
}

// The name that the command line takes, for a name of any program's.
std::string sampler_id(const std::string& name) {
  try {
    return std::string(find_sampler(name).id);
  } catch (const Error&) {
    return name;
  }
}

std::string sampler_title(const std::string& name) {
  try {
    return std::string(find_sampler(name).name);
  } catch (const Error&) {
    return name;
  }
}

void add_model(Words& words, const char* option, const Settings& settings,
               const ModelOptions* options) {
  const std::string model = options != nullptr ? options->model : settings.model;
  if (!model.empty() && model != "default") words.add(option, model);
  if (options == nullptr) return;
  if (!options->config.empty()) words.add("--config", options->config);
  if (!options->vocab.empty()) words.add("--vocab", options->vocab);
}

void add_upscale_options(Words& words, const Settings& settings, const ModelOptions* options) {
  const std::string factor = field(settings, kUpscaleField);
  if (factor.empty()) return;
  words.add("--upscale", factor);
  const bool as_typed = options != nullptr && !options->upscaler.empty();
  const std::string name = as_typed ? options->upscaler : field(settings, kUpscalerField);
  if (!name.empty() && name != kShippedUpscaler) words.add("--upscaler", name);
}

std::string txt2img_command(const std::string& program, const Settings& settings,
                            const ModelOptions* options) {
  Words words(program);
  words.add("txt2img");
  words.add("--prompt", settings.prompt);
  words.add("--seed", std::to_string(*settings.seed));
  if (settings.steps) words.add("--ddim_steps", std::to_string(*settings.steps));
  if (sampler_id(settings.sampler) == "plms") words.add("--plms");
  if (settings.eta) words.add("--ddim_eta", shortest(*settings.eta));
  if (settings.scale) words.add("--scale", shortest(*settings.scale));
  if (settings.width) words.add("--W", std::to_string(*settings.width));
  if (settings.height) words.add("--H", std::to_string(*settings.height));
  words.add("--n_iter", field(settings, kIterationsField));
  words.add("--n_samples", field(settings, kSamplesField));
  add_model(words, "--ckpt", settings, options);
  return std::move(words).text();
}

std::string draw_command(const std::string& program, const Settings& settings,
                         const ModelOptions* options) {
  Words words(program);
  words.add("draw");
  const bool prompt_last = settings.prompt.starts_with('-');
  if (!prompt_last) words.add(settings.prompt);
  if (settings.prompt.empty()) words.add("--allow-empty");
  if (!settings.negative.empty()) words.add("--negative", settings.negative);
  words.add("--seed", std::to_string(*settings.seed));
  if (settings.steps) words.add("--steps", std::to_string(*settings.steps));
  if (!settings.sampler.empty()) words.add("--sampler", sampler_id(settings.sampler));
  if (settings.scale) words.add("--scale", shortest(*settings.scale));
  if (settings.eta && *settings.eta != 0) words.add("--eta", shortest(*settings.eta));
  if (settings.width) words.add("-W", std::to_string(*settings.width));
  if (settings.height) words.add("-H", std::to_string(*settings.height));
  if (const auto grid = parse_grid(field(settings, kGridField)))
    words.add("--grid", to_text(*grid));
  for (const std::string& word : approximation_words(settings)) words.add(word);
  add_upscale_options(words, settings, options);
  if (settings.precision == "fp16") words.add("--precision", "fp16");
  if (settings.precision == "bf16") words.add("--backend", "onednn");
  add_model(words, "-m", settings, options);
  if (prompt_last) {
    words.add("--");
    words.add(settings.prompt);
  }
  return std::move(words).text();
}

}  // namespace

std::string to_text(const GridSize& grid) { return fmt::format("{}x{}", grid.columns, grid.rows); }

std::optional<GridSize> parse_grid(const std::string& text) {
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) return std::nullopt;
  const auto columns = parse_number(text.substr(0, cross));
  const auto rows = parse_number(text.substr(cross + 1));
  const auto fits = [](const std::optional<int>& n) { return n && *n >= 1 && *n <= kMaxGridSide; };
  if (!fits(columns) || !fits(rows)) return std::nullopt;
  return GridSize{*columns, *rows};
}

namespace {

// How numbers are rounded, which decides the picture's bytes.
std::string precision_of(const ModelOptions& options) {
  if (options.backend == "onednn" && onednn_targets().front() == "bf16") return "bf16";
  return options.precision;
}

}  // namespace

Settings settings_for(const DrawRequest& request, const std::string& model_name,
                      const ModelOptions& options) {
  Settings settings{.prompt = request.prompt,
                    .negative = request.negative,
                    .steps = request.steps,
                    .sampler = sampler_title(request.sampler),
                    .scale = request.scale,
                    .eta = request.eta,
                    .seed = request.seed,
                    .rng = request.rng,
                    .width = request.width,
                    .height = request.height,
                    .model = model_name,
                    .model_sha256 = {},
                    .precision = precision_of(options),
                    .version = "easel " EASEL_VERSION};
  add_approximations(settings, request);
  return settings;
}

void add_grid(Settings& settings, const GridSize& grid) {
  settings.extra.emplace_back(kGridField, to_text(grid));
}

void add_upscale(Settings& settings, const DrawnUpscale& upscale) {
  settings.extra.emplace_back(kUpscaleField, shortest(upscale.factor));
  settings.extra.emplace_back(kUpscalerField, upscale.upscaler);
}

void add_txt2img_run(Settings& settings, const Txt2imgRun& run) {
  settings.extra.emplace_back(kIterationsField, std::to_string(run.iterations));
  settings.extra.emplace_back(kSamplesField, std::to_string(run.samples));
  settings.extra.emplace_back(kPictureField,
                              run.picture < 0 ? "all" : std::to_string(run.picture + 1));
}

std::string redraw_command(const std::string& program, const Settings& settings,
                           const ModelOptions* options) {
  const bool by_easel = !settings.version.empty();
  if (!settings.seed || (settings.prompt.empty() && !by_easel)) return "";
  const bool txt2img = parse_number(field(settings, kIterationsField)).has_value() &&
                       parse_number(field(settings, kSamplesField)).has_value();
  return txt2img ? txt2img_command(program, settings, options)
                 : draw_command(program, settings, options);
}

}  // namespace easel::cli
