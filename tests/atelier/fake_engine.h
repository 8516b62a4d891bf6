#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/engine.h"

namespace easel {

// An engine without a network: a picture's colour is its seed. Records what it was asked for.
struct FakeEngine {
  std::vector<std::pair<std::uint64_t, int>> ranges;  // seed and count of each draw
  std::function<void(int picture)> before_picture;    // on the drawing thread
  int loads = 0;
  int releases = 0;

  // What the engine opens.
  class Model final : public DrawingModel {
   public:
    Model(FakeEngine& engine, const std::string& name) : engine_(engine) {
      info_.name = name;
      info_.native_width = info_.native_height = 16;
      info_.size_multiple = 8;
      info_.max_side = 64;
      info_.schedule_steps = 1000;
      info_.defaults.sampler = "ddim";
    }
    const ModelInfo& info() const override { return info_; }
    Arithmetic arithmetic() const override {
      return {.precision = "fp32", .backend = "cpu", .target = "none"};
    }
    Recipe completed(const Recipe& asked) const override { return asked; }
    std::int64_t memory_needed(const Recipe&, const Pictures&) const override { return 1; }
    std::vector<DrawnPicture> draw(const Recipe& recipe, const Pictures& which,
                                   const DrawHooks& hooks) override {
      return engine_.draw(recipe, which, hooks);
    }
    void load(const CancelToken*) override { ++engine_.loads; }
    void release() override { ++engine_.releases; }
    LatentCodec* latents() override { return nullptr; }
    LatentPreview fit_preview() override { return {1, std::vector<float>(6, 0.1f)}; }

   private:
    FakeEngine& engine_;
    ModelInfo info_;
  };

  Engine engine() {
    Engine made;
    made.open = [this](const ModelEntry& entry, bool) {
      return std::make_unique<Model>(*this, entry.name);
    };
    made.enlargers = {lanczos_enlarger()};
    return made;
  }

  std::vector<DrawnPicture> draw(const Recipe& recipe, const Pictures& which,
                                 const DrawHooks& hooks) {
    const auto first = static_cast<std::uint64_t>(which.first);
    const std::uint64_t first_seed = *recipe.seed.seed + first;
    ranges.emplace_back(first_seed, which.count);
    const std::vector<float> latents(static_cast<std::size_t>(4 * which.count), 0.5f);
    DrawStep now{.steps = *diffusion_of(recipe).steps,
                 .first_picture = which.first,
                 .pictures = which.count,
                 .count = which.count,
                 .latents = latents,
                 .estimate = latents,
                 .latent_width = 2,
                 .latent_height = 2};
    hooks.on_noise(now);
    while (now.step < now.steps) {
      hooks.ends_steps()->check();
      ++now.step;
      hooks.on_step(now);
    }
    for (int k = 0; k < which.count; ++k) {
      if (before_picture) before_picture(k);
      hooks.ends_steps()->check();  // as if each were a batch of its own
      Image image({16, 16}, 3);
      const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(k);
      std::ranges::fill(image.samples8(), static_cast<std::uint8_t>(seed));
      hooks.on_picture({.index = which.first + k,
                        .seed = seed,
                        .image = std::move(image),
                        .latent = {},
                        .decoded = {}});
    }
    return {};
  }
};

}  // namespace easel
