#pragma once

#include <filesystem>
#include <vector>

#include "diffusion/noise.h"
#include "nn/tensor_ops.h"
#include "pipeline/drawing/recipe_check.h"
#include "pipeline/families.h"
#include "support/backends.h"
#include "support/fixture_file.h"

namespace easel::testing {

/// A small model with random weights, in the original's form and in Hugging Face's.
inline std::filesystem::path ldm_mini() { return fixture("ldm-mini/model.ckpt"); }
inline std::filesystem::path ldm_mini_hf() { return fixture("ldm-mini-hf"); }
/// Its vocabulary: a few hundred of BERT's word pieces.
inline std::filesystem::path mini_vocabulary() {
  return fixture("tokenizer/bert-base-uncased-vocab.txt");
}
/// The model that ships.
inline std::filesystem::path default_model() {
  return std::filesystem::path(EASEL_SOURCE_DIR) / "models/default";
}

inline BackendOptions options_of(const BackendCase& backend, int threads = 2) {
  return {.name = backend.name, .threads = threads, .target = backend.target};
}

/// A recipe, and which pictures of it are wanted.
struct Asked {
  Recipe recipe;
  Pictures which = {};

  Diffusion& how() { return diffusion_of(recipe); }
  std::uint64_t& seed() { return *recipe.seed.seed; }
};
inline Asked asked(const std::string& prompt, const Diffusion& how = {}, std::uint64_t seed = 0) {
  return {.recipe = {.prompt = prompt, .seed = {.seed = seed}, .method = how}};
}

/// A model, and what its codec says as plain numbers.
class TestModel {
 public:
  TestModel(const ModelLocation& location, const DrawingOptions& options)
      : model_(open_drawing_model(location, options)) {}

  const ModelInfo& info() const { return model_->info(); }
  std::int64_t memory_needed(const Asked& asked) const {
    return model_->memory_needed(asked.recipe, asked.which);
  }
  std::vector<DrawnPicture> draw(const Asked& asked, const DrawHooks& hooks = {}) {
    return model_->draw(asked.recipe, asked.which, hooks);
  }
  void load() { model_->load(nullptr); }
  void release() { model_->release(); }
  LatentPreview fit_preview() { return model_->fit_preview(); }
  LatentCodec& latents() { return *model_->latents(); }
  /// Latents [count, C, h, w] to floats [count, 3, H, W].
  std::vector<float> decode(std::span<const float> latents, int count, int height, int width) {
    const std::vector<float> pixels =
        model_->latents()->decode(latents, {.count = count, .height = height, .width = width});
    std::vector<float> values;
    const std::size_t size = pixels.size() / static_cast<std::size_t>(count);
    for (std::size_t first = 0; first < pixels.size(); first += size) {
      const auto planes = planes_of(std::span(pixels).subspan(first, size));
      values.insert(values.end(), planes.begin(), planes.end());
    }
    return values;
  }
  std::vector<float> encode_picture(const Image& picture) {
    return model_->latents()->encode(picture);
  }
  DrawingModel& operator*() { return *model_; }

 private:
  std::unique_ptr<DrawingModel> model_;
};

/// Hands out given draws, one after another.
class GivenNoise final : public NoiseSource {
 public:
  explicit GivenNoise(std::vector<std::vector<float>> draws) : draws_(std::move(draws)) {}
  void draw(std::span<float> out) override {
    const std::vector<float>& next = draws_.at(used_++);
    if (next.size() != out.size()) throw std::runtime_error("a draw of another size");
    std::copy(next.begin(), next.end(), out.begin());
  }

 private:
  std::vector<std::vector<float>> draws_;
  std::size_t used_ = 0;
};

/// The model that ships, on the usual backend.
inline TestModel open_default(int threads = 2) {
  return {{.path = default_model()}, {.backend = options_of(usual_backend(), threads)}};
}

}  // namespace easel::testing
