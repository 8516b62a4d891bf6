#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/progress.h"
#include "core/error.h"
#include "core/units.h"
#include "pipeline/families.h"
#include "weights/changes/eight_bits.h"
#include "weights/formats/safetensors_writer.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

struct ConvertOptions {
  std::string in;
  std::string out;
  std::string precision;
  bool force = false;
  bool quiet = false;
};

std::vector<TensorToWrite> tensors_of(const Weights& weights, const std::string& precision) {
  std::vector<TensorToWrite> tensors;
  for (const auto& [name, entry] : weights.entries()) {
    // Of a file in 8 bits already: it reads as floats, and stays as it is where nothing is said.
    const bool narrow = entry.source.dtype == DType::kI8 && entry.read_stored == nullptr;
    if (precision == "q8" ? narrow || may_be_in_eight_bits(name, entry.source.shape)
                          : narrow && precision.empty()) {
      EightBitTensors two = eight_bit_tensors(entry);
      tensors.push_back({name, std::move(two.values), DType::kI8});
      tensors.push_back({name + kScalesOfEightBits, std::move(two.scales), DType::kF16});
      continue;
    }
    const DType stored = narrow ? DType::kF32 : entry.source.dtype;
    DType dtype = stored;
    if (precision == "fp16") dtype = converted_dtype(stored, DType::kF16);
    if (precision == "fp32") dtype = converted_dtype(stored, DType::kF32);
    tensors.push_back({name, entry, dtype});
  }
  return tensors;
}

std::map<std::string, std::string> metadata_for(const Weights& weights,
                                                const std::vector<TensorToWrite>& tensors) {
  std::map<std::string, std::string> metadata = weights.details().metadata;
  metadata.erase(kMarkOfEightBits);
  const bool eight_bits = std::ranges::any_of(tensors, [](const TensorToWrite& tensor) {
    return tensor.name.ends_with(kScalesOfEightBits);
  });
  if (eight_bits) metadata[kMarkOfEightBits] = "1";
  return metadata;
}

// A checkpoint without its configuration and vocabulary is only half a model.
std::string companions(const fs::path& in, const fs::path& out) {
  const fs::path from = fs::is_directory(in) ? in : in.parent_path();
  std::string names;
  for (const char* name : {"config.yaml", "vocab.txt"}) {
    if (!fs::exists(from / name) || fs::exists(out.parent_path() / name)) continue;
    names += (names.empty() ? "" : " and ") + (from / name).string();
  }
  return names;
}

void convert(const ConvertOptions& options, const Context& context) {
  const fs::path out = options.out;
  if (out.extension() != ".safetensors")
    fail(ErrorCode::kUsage, "the output '{}' must end in .safetensors", options.out);
  if (fs::exists(out) && !options.force)
    fail(ErrorCode::kUsage, "'{}' exists; --force replaces it", options.out);
  const Weights weights = open_model_weights(options.in);
  const std::vector<TensorToWrite> tensors = tensors_of(weights, options.precision);
  if (tensors.empty()) fail(ErrorCode::kInvalidFile, "'{}' holds no tensor", options.in);
  check_folder(out.has_parent_path() ? out.parent_path() : fs::path("."));

  Progress progress(detect_console(), options.quiet);
  const auto start = std::chrono::steady_clock::now();
  TimeLeft time_left;
  const SafetensorsReport report = write_safetensors(
      out, tensors,
      {.metadata = metadata_for(weights, tensors),
       .overwrite = options.force,
       .cancel = &context.cancel,
       .progress = [&](std::int64_t done, std::int64_t total) {
         const double seconds =
             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
         const double fraction =
             total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
         const double left = time_left.at(fraction, seconds);
         progress.update(fraction,
                         fmt::format("{} of {} written{}", human_bytes(done), human_bytes(total),
                                     left < 0 ? "" : ", " + human_seconds(left) + " left"));
       }});
  for (const std::string& note : weights.notes()) progress.note("easel: " + note);
  if (report.overflowed > 0)
    progress.note(fmt::format("easel: {} values are too large for float16 and became infinite",
                              with_commas(report.overflowed)));
  progress.clear();
  if (options.quiet) return;
  print_line(fmt::format("{}  {} tensors, {}", options.out, with_commas(std::ssize(tensors)),
                         human_bytes(report.bytes)));
  if (const std::string names = companions(options.in, out); !names.empty())
    print_line("  to draw with it, copy " + names + " beside it");
}

}  // namespace

Action add_convert(CLI::App& app) {
  const auto options = std::make_shared<ConvertOptions>();
  app.add_option("IN", options->in,
                 "A checkpoint (.ckpt, .pt, .pth, .bin, .safetensors) or a folder")
      ->required()
      ->type_name("");
  app.add_option("OUT", options->out, "The .safetensors file to write")->required()->type_name("");
  app.add_option(
         "--precision", options->precision,
         "Store floats as fp16 (half the size), fp32, or q8: the matrices of text encoder and "
         "denoiser in 8 bits, which Easel alone reads [as they are]")
      ->check(CLI::IsMember({"fp32", "fp16", "q8"}).description(""))
      ->type_name("P");
  app.add_flag("--force", options->force, "Replace OUT if it exists");
  app.add_flag("--quiet", options->quiet, "Print nothing but errors");
  refuse_short_n(app);
  app.footer(
      "Tensor names stay as they are; those of a Hugging Face folder become latent-diffusion's.\n"
      "Nothing in a checkpoint is ever run.");
  return [options](const Context& context) { convert(*options, context); };
}

}  // namespace easel::cli
