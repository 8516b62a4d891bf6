#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/drawing/drawing_model.h"

namespace easel::cli {

/// How a run is compared with another program's, number by number.
struct LatentsOptions {
  std::string file;    ///< .safetensors to write latents to, or empty
  bool trace = false;  ///< those of every step too
  std::string noise;   ///< .safetensors with the start noise, or empty
};

/// --save-latents, --trace and --noise.
void add_latents_options(CLI::App& app, LatentsOptions& options);

/// The words that draw with the same start noise again.
std::vector<std::string> again_options(const LatentsOptions& options);

/// What a run's pictures were on their way, for a safetensors file: `noise` and `latents`
/// [pictures, C, h, w]; with a trace `trajectory` [steps, pictures, C, h, w], the latents after
/// each step in the sampler's own scaling.
class LatentsFile {
 public:
  LatentsFile(const LatentsOptions& options, const ModelInfo& info);

  void begin(const DrawStep& start);
  void add(const DrawStep& step);
  void add(const DrawnPicture& picture);
  /// Writes all of it, the recipe in the file's metadata. Throws kUsage where the file is there and
  /// `replace` is not set, kIo, kNoSpace.
  void write(const Recipe& recipe, bool replace) const;

 private:
  const LatentsOptions& options_;
  const std::int64_t channels_;
  std::int64_t height_ = 0, width_ = 0;
  std::vector<float> noise_, latents_;
  std::vector<std::vector<float>> steps_;  // of all pictures, a step each
};

/// Start noise that a file brings: the tensor `noise` or `x_T`, else the only one, [pictures, C, h,
/// w] or of one picture [C, h, w].
class GivenStart {
 public:
  /// Opens the file. A recipe without a size gets the noise's. Throws as open_weights, kWrongModel
  /// for a file without such noise or for a model of other latents.
  GivenStart(const std::filesystem::path& file, const ModelInfo& info, Recipe& recipe);

  /// Throws kUsage unless it is noise for so many pictures of the recipe's size.
  void check(const Recipe& recipe, int pictures) const;
  void operator()(std::span<float> noise, int first_picture) const;

 private:
  const std::string name_;
  std::int64_t pictures_ = 1, height_ = 0, width_ = 0;
  int factor_;
  std::vector<float> values_;
};

}  // namespace easel::cli
