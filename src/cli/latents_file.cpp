#include "cli/latents_file.h"

#include <algorithm>
#include <cmath>

#include "cli/output_path.h"
#include "core/error.h"
#include "recipe/forms.h"
#include "weights/formats/safetensors_writer.h"

namespace easel::cli {
namespace {

TensorToWrite held(const std::string& name, const Shape& shape, const std::vector<float>& values) {
  Weights::Entry entry;
  entry.source = {.shape = shape,
                  .dtype = DType::kF32,
                  .read = [&values](std::int64_t first, std::span<float> out) {
                    std::copy_n(values.begin() + first, out.size(), out.begin());
                  }};
  entry.bytes = shape.elements() * 4;
  return {.name = name, .entry = std::move(entry)};
}

// The tensor that is a file's start noise, or null.
const Weights::Entry* noise_in(const Weights& weights) {
  for (const char* name : {"noise", "x_T"}) {
    if (const Weights::Entry* entry = weights.find(name)) return entry;
  }
  return weights.entries().size() == 1 ? &weights.entries().begin()->second : nullptr;
}

}  // namespace

void add_latents_options(CLI::App& app, LatentsOptions& options) {
  const char* group = "Comparing with other programs";
  app.add_option("--save-latents", options.file,
                 "Keep the start noise and the finished latents in a .safetensors file")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("--trace", options.trace, "Keep the latents after every step there too")
      ->group(group);
  app.add_option("--noise", options.noise,
                 "Begin with another program's noise: a .safetensors file with a tensor 'noise' "
                 "[pictures, channels, height, width]")
      ->type_name("FILE")
      ->group(group);
}

std::vector<std::string> again_options(const LatentsOptions& options) {
  if (options.noise.empty()) return {};
  return {"--noise", options.noise};
}

LatentsFile::LatentsFile(const LatentsOptions& options, const ModelInfo& info)
    : options_(options), channels_(info.latent_channels) {}

void LatentsFile::begin(const DrawStep& start) {
  height_ = start.latent_height;
  width_ = start.latent_width;
  noise_.insert(noise_.end(), start.latents.begin(), start.latents.end());
}

void LatentsFile::add(const DrawStep& step) {
  if (!options_.trace) return;
  const auto index = static_cast<std::size_t>(step.step - 1);
  if (steps_.size() <= index) steps_.resize(index + 1);
  steps_[index].insert(steps_[index].end(), step.latents.begin(), step.latents.end());
}

void LatentsFile::add(const DrawnPicture& picture) {
  latents_.insert(latents_.end(), picture.latent.begin(), picture.latent.end());
}

void LatentsFile::write(const Recipe& recipe, bool replace) const {
  const std::int64_t picture = channels_ * height_ * width_;
  const std::int64_t pictures = std::ssize(noise_) / std::max<std::int64_t>(1, picture);
  std::vector<TensorToWrite> tensors = {
      held("noise", {pictures, channels_, height_, width_}, noise_),
      held("latents", {pictures, channels_, height_, width_}, latents_)};
  std::vector<float> trajectory;
  for (const auto& step : steps_) trajectory.insert(trajectory.end(), step.begin(), step.end());
  if (!steps_.empty()) {
    tensors.push_back(
        held("trajectory", {std::ssize(steps_), pictures, channels_, height_, width_}, trajectory));
  }
  const std::filesystem::path file = options_.file;
  check_folder(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
  write_safetensors(
      file, tensors,
      {.metadata = {{"parameters", to_parameters(by_easel(recipe))}}, .overwrite = replace});
}

GivenStart::GivenStart(const std::filesystem::path& file, const ModelInfo& info, Recipe& recipe)
    : name_(file.string()), factor_(info.latent_factor) {
  const Weights weights = open_weights(file);
  const Weights::Entry* entry = noise_in(weights);
  const Shape shape = entry == nullptr ? Shape() : entry->source.shape;
  const int rank = shape.rank();
  if ((rank != 3 && rank != 4) || shape[rank - 3] != info.latent_channels) {
    fail(ErrorCode::kWrongModel,
         "'{}' holds no start noise: a tensor 'noise' [pictures, {}, height, width] is wanted{}",
         name_, info.latent_channels,
         entry == nullptr ? "" : fmt::format(", it is {}", shape.text()));
  }
  constexpr std::int64_t kMost = 1 << 28;
  if (shape.elements() > kMost) {
    fail(ErrorCode::kWrongModel, "the noise of '{}' is of {} numbers, wanted at most {}", name_,
         shape.elements(), kMost);
  }
  pictures_ = rank == 4 ? shape[0] : 1;
  height_ = shape[rank - 2];
  width_ = shape[rank - 1];
  values_.resize(static_cast<std::size_t>(shape.elements()));
  entry->source.read(0, values_);
  if (!std::ranges::all_of(values_, [](float value) { return std::isfinite(value); })) {
    fail(ErrorCode::kInvalidFile, "the noise of '{}' holds values that are no numbers", name_);
  }
  if (recipe.size.width == 0 && recipe.size.height == 0) {
    recipe.size = {.width = static_cast<int>(width_) * factor_,
                   .height = static_cast<int>(height_) * factor_};
  }
}

void GivenStart::check(const Recipe& recipe, int pictures) const {
  if (height_ * factor_ != recipe.size.height || width_ * factor_ != recipe.size.width) {
    fail(ErrorCode::kUsage, "the noise of '{}' is for pictures of {}x{}, {}x{} are to be drawn",
         name_, width_ * factor_, height_ * factor_, recipe.size.width, recipe.size.height);
  }
  if (pictures > pictures_) {
    fail(ErrorCode::kUsage, "'{}' holds the noise of {} picture{}, {} are to be drawn", name_,
         pictures_, pictures_ == 1 ? "" : "s", pictures);
  }
}

void GivenStart::operator()(std::span<float> noise, int first_picture) const {
  const auto size = values_.size() / static_cast<std::size_t>(pictures_);
  std::copy_n(
      values_.begin() + static_cast<std::ptrdiff_t>(size * static_cast<std::size_t>(first_picture)),
      noise.size(), noise.begin());
}

}  // namespace easel::cli
