#pragma once

#include <algorithm>
#include <functional>
#include <memory>
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

  Engine engine() {
    Engine made;
    made.open = [this](const ModelEntry& entry, bool) {
      auto painter = std::make_unique<Painter>();
      painter->info.name = entry.name;
      painter->arithmetic = {.precision = "fp32", .backend = "cpu", .target = "none"};
      painter->info.native_width = painter->info.native_height = 16;
      painter->info.size_multiple = 8;
      painter->info.max_side = 64;
      painter->info.schedule_steps = 1000;
      painter->info.defaults.sampler = "ddim";
      painter->checked = [](const DrawRequest& request) { return request; };
      painter->memory_needed = [](const DrawRequest&) { return std::int64_t{1}; };
      painter->load = [this](const CancelToken*) { ++loads; };
      painter->release = [this] { ++releases; };
      painter->fit_preview = [] { return LatentPreview{1, std::vector<float>(6, 0.1f)}; };
      painter->draw = [this](const DrawRequest& request, const DrawHooks& hooks) {
        return draw(request, hooks);
      };
      return painter;
    };
    made.enlargers = {lanczos_enlarger()};
    return made;
  }

  std::vector<DrawnPicture> draw(const DrawRequest& request, const DrawHooks& hooks) {
    ranges.emplace_back(request.seed, request.count);
    const std::vector<float> latents(static_cast<std::size_t>(4 * request.count), 0.5f);
    DrawStep now{.steps = *request.steps,
                 .pictures = request.count,
                 .count = request.count,
                 .latents = latents,
                 .estimate = latents,
                 .latent_width = 2,
                 .latent_height = 2};
    hooks.on_noise(now);
    while (now.step < now.steps) {
      hooks.cancel->check();
      ++now.step;
      hooks.on_step(now);
    }
    for (int k = 0; k < request.count; ++k) {
      if (before_picture) before_picture(k);
      hooks.cancel->check();
      Image image({16, 16}, 3);
      const std::uint64_t seed = request.seed + static_cast<std::uint64_t>(k);
      std::ranges::fill(image.samples8(), static_cast<std::uint8_t>(seed));
      hooks.on_picture(
          {.index = k, .seed = seed, .image = std::move(image), .latent = {}, .decoded = {}});
    }
    return {};
  }
};

}  // namespace easel
