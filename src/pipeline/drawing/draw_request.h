#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/drawing/drawing_model.h"

// A recipe and how many pictures of it, in one struct of plain members.

namespace easel {

/// How the random numbers of a run are laid out; see SharedGenerator.
enum class NoiseLayout { kPerPicture, kOneGenerator };

/// One run: `count` pictures of one prompt. What is absent or empty is the model's default.
struct DrawRequest {
  std::string prompt;
  std::string negative;
  bool allow_empty = false;  ///< an empty prompt is an error unless said to be meant
  std::optional<int> steps;
  std::string sampler;
  std::optional<double> scale;
  GuidanceInterval guidance_interval;
  int deep_every = 1;
  std::optional<double> eta;
  std::uint64_t seed = 0;
  std::string rng = "torch-cpu";
  int width = 0;
  int height = 0;
  int count = 1;
  int batch = 0;  ///< with kOneGenerator what its noise is drawn by; 0: all
  NoiseLayout noise = NoiseLayout::kPerPicture;
  std::optional<Variation> variation;
  bool keep_latents = false;
};

Recipe recipe_of(const DrawRequest& request);
Pictures pictures_of(const DrawRequest& request);

/// The request with what it leaves to the model filled in. Throws as DrawingModel::completed, and
/// kUsage for an empty prompt that is not meant.
DrawRequest checked(const DrawingModel& model, DrawRequest request);
std::int64_t memory_needed(const DrawingModel& model, const DrawRequest& request);
std::vector<DrawnPicture> draw(DrawingModel& model, const DrawRequest& request,
                               const DrawHooks& hooks = {});

}  // namespace easel
