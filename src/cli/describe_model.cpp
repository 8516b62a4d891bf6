#include "cli/describe_model.h"

#include "cli/places.h"
#include "core/error.h"
#include "core/json.h"
#include "core/units.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

std::int64_t memory_for_one(const ModelLocation& location, Precision precision) {
  DrawingOptions options;
  options.backend.precision = precision;
  return open_drawing_model(location, options)->memory_needed({}, {});
}

// Whether it would draw as it lies there, and with what memory.
void try_to_draw(const fs::path& path, const DescribeOptions& options, ModelReport& report) {
  ModelLocation location{
      .path = path, .config = {}, .vocab = {}, .installed = find_places().model_folders()};
  if (!options.config.empty()) location.config = options.config;
  if (!options.vocab.empty()) location.vocab = options.vocab;
  try {
    report.memory_fp32 = memory_for_one(location, Precision::kF32);
    report.memory_fp16 = memory_for_one(location, Precision::kF16);
    report.info = open_drawing_model(location, {})->info();
  } catch (const Error& error) {
    report.missing = error.what();
  }
}

// Whether it would enlarge: the command's own answer.
void try_to_upscale(const fs::path& path, ModelReport& report) {
  try {
    report.upscaler = check_upscaler(path);
  } catch (const Error& error) {
    report.missing = error.what();
    report.family.advice.clear();
  }
}

std::string dtypes_of(const PartSummary& part) {
  std::string text;
  for (const auto& [dtype, summary] : part.dtypes) {
    if (!text.empty()) text += ", ";
    text += name_of(dtype);
    if (part.dtypes.size() > 1) text += fmt::format(" in {}", with_commas(summary.tensors));
  }
  return text;
}

std::string title_of(const PartSummary& part) {
  if (!part.role.empty()) return part.role;
  return part.prefix.empty() ? "other" : part.prefix;
}

std::string text_of(const ModelInfo& info, const ModelReport& report) {
  return fmt::format(
      "  draws: {}x{} (sides in multiples of {}), prompts of up to {} tokens, {} latent channels, "
      "predicts {}\n"
      "  left to itself: {} steps of {}, guidance {}\n"
      "  needs: {} of memory, or {} with --precision fp16\n",
      info.native_width, info.native_height, info.size_multiple, info.tokens, info.latent_channels,
      info.parameterization, info.defaults.steps, info.defaults.sampler,
      shortest(info.defaults.scale), human_bytes(report.memory_fp32),
      human_bytes(report.memory_fp16));
}

}  // namespace

std::int64_t bytes_on_disk(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const auto size = fs::file_size(path, error);
    return error ? 0 : static_cast<std::int64_t>(size);
  }
  std::int64_t bytes = 0;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) bytes += static_cast<std::int64_t>(it->file_size(ignored));
  }
  return bytes;
}

ModelReport describe_model(const fs::path& path, const DescribeOptions& options) {
  const Weights weights = open_model_weights(path);
  ModelReport report{.format = std::string(name_of(weights.format())),
                     .family = recognise(weights),
                     .bytes = bytes_on_disk(path),
                     .tensors = static_cast<std::int64_t>(weights.entries().size()),
                     .parts = summarize_parts(weights, known_parts()),
                     .safety = summarize_safety(weights),
                     .notes = weights.notes(),
                     .info = {},
                     .upscaler = {},
                     .missing = {}};
  for (const PartSummary& part : report.parts) report.parameters += part.parameters;
  if (options.verify && fs::is_regular_file(path)) {
    verify_checksums(path);
    report.verified = true;
  }
  if (report.family.use == ModelUse::kTextToImage) try_to_draw(path, options, report);
  if (report.family.use == ModelUse::kUpscale) try_to_upscale(path, report);
  return report;
}

namespace {

Json parts_json(const std::vector<PartSummary>& summaries) {
  Json parts = Json::array();
  for (const PartSummary& part : summaries) {
    Json dtypes = Json::object();
    for (const auto& [dtype, summary] : part.dtypes)
      dtypes[std::string(name_of(dtype))] = {{"tensors", summary.tensors},
                                             {"parameters", summary.parameters},
                                             {"bytes", summary.bytes}};
    parts.push_back({{"prefix", part.prefix},
                     {"role", part.role},
                     {"tensors", part.tensors},
                     {"parameters", part.parameters},
                     {"bytes", part.bytes},
                     {"dtypes", dtypes}});
  }
  return parts;
}

void add_info(Json& result, const ModelInfo& info) {
  result["native_width"] = info.native_width;
  result["native_height"] = info.native_height;
  result["size_multiple"] = info.size_multiple;
  result["tokens"] = info.tokens;
  result["latent_channels"] = info.latent_channels;
  result["latent_factor"] = info.latent_factor;
  result["schedule_steps"] = info.schedule_steps;
  result["parameterization"] = info.parameterization;
  result["defaults"] = {{"steps", info.defaults.steps},
                        {"sampler", info.defaults.sampler},
                        {"scale", info.defaults.scale}};
}

}  // namespace

Json json_of(const ModelReport& report) {
  Json result = {{"kind", "model"},
                 {"format", report.format},
                 {"family", report.family.name},
                 {"advice", report.family.advice},
                 {"draws", report.info.has_value()},
                 {"enlarges", report.upscaler.has_value()},
                 {"bytes", report.bytes},
                 {"tensors", report.tensors},
                 {"parameters", report.parameters},
                 {"parts", parts_json(report.parts)},
                 {"safety",
                  {{"safe", report.safety.safe_here},
                   {"safe_elsewhere", report.safety.safe_elsewhere},
                   {"why", report.safety.text},
                   {"suspicious", report.safety.suspicious}}},
                 {"notes", report.notes},
                 {"verified", report.verified},
                 {"missing", report.missing}};
  if (report.upscaler) {
    result["network"] = report.upscaler->description;
    result["scale"] = report.upscaler->scale;
    result["channels"] = report.upscaler->channels;
  }
  if (report.info) {
    add_info(result, *report.info);
    result["memory"] = {{"fp32", report.memory_fp32}, {"fp16", report.memory_fp16}};
  }
  return result;
}

std::string text_of(const ModelReport& report) {
  std::string text = fmt::format("{}\n  {}, {}, {} tensors, {} parameters\n", report.family.name,
                                 report.format, human_bytes(report.bytes),
                                 with_commas(report.tensors), with_commas(report.parameters));
  for (const PartSummary& part : report.parts) {
    text += fmt::format("  {:<24} {:>6} tensors {:>16} parameters  {}\n", title_of(part),
                        with_commas(part.tensors), with_commas(part.parameters), dtypes_of(part));
  }
  if (report.info) text += text_of(*report.info, report);
  if (report.upscaler) {
    text += fmt::format("  enlarges: {} times, {} ({})\n", report.upscaler->scale,
                        report.upscaler->channels == 1   ? "gray pictures or a channel at a time"
                        : report.upscaler->channels == 4 ? "pictures with alpha"
                                                         : "pictures in colour",
                        report.upscaler->description);
  }
  if (!report.missing.empty()) {
    text +=
        fmt::format("  cannot {} as it is: {}\n",
                    report.family.use == ModelUse::kUpscale ? "enlarge" : "draw", report.missing);
  }
  if (!report.family.advice.empty()) text += "  " + report.family.advice + "\n";
  text += "  " + report.safety.text + "\n";
  for (const std::string& name : report.safety.suspicious) text += "    would call: " + name + "\n";
  if (report.verified) text += "  every byte was read, and the checksums hold\n";
  for (const std::string& note : report.notes) text += "  " + note + "\n";
  return text;
}

}  // namespace easel::cli
