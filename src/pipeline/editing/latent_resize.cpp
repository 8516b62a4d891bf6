#include "pipeline/editing/latent_resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace easel {
namespace {

constexpr std::array<LatentEnlarger, 3> kEnlargers{
    {{"latent", "Latent", LatentResampling::kBilinear},
     {"latent-bicubic", "Latent (bicubic)", LatentResampling::kBicubic},
     {"latent-nearest", "Latent (nearest)", LatentResampling::kNearest}}};

// The samples, clamped to the edges, that make one of the result.
struct LatentTap {
  std::array<std::size_t, 4> at{};
  std::array<float, 4> weights{};
};

// Keys 1981 with a = -0.75, for samples at distances 1 + t, t, 1 - t, 2 - t.
std::array<float, 4> cubic_weights(float t) {
  constexpr float a = -0.75f;
  const auto near = [](float x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [](float x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

std::vector<LatentTap> latent_taps(int from, int to, LatentResampling how) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  const auto inside = [from](int i) {
    return static_cast<std::size_t>(std::clamp(i, 0, from - 1));
  };
  std::vector<LatentTap> taps;
  for (int i = 0; i < to; ++i) {
    LatentTap tap;
    float at = scale * (static_cast<float>(i) + 0.5f) - 0.5f;
    switch (how) {
      case LatentResampling::kNearest:
        tap.at[0] = inside(static_cast<int>(std::floor(static_cast<float>(i) * scale)));
        tap.weights[0] = 1;
        break;
      case LatentResampling::kBilinear: {
        at = std::max(at, 0.0f);
        const int low = static_cast<int>(at);
        const float part = at - static_cast<float>(low);
        tap.at = {inside(low), inside(low + 1)};
        tap.weights = {1 - part, part};
        break;
      }
      case LatentResampling::kBicubic: {
        const int low = static_cast<int>(std::floor(at));
        tap.at = {inside(low - 1), inside(low), inside(low + 1), inside(low + 2)};
        tap.weights = cubic_weights(at - static_cast<float>(low));
        break;
      }
    }
    taps.push_back(tap);
  }
  return taps;
}

}  // namespace

std::span<const LatentEnlarger> latent_enlargers() { return kEnlargers; }

const LatentEnlarger* find_latent_enlarger(std::string_view name) {
  const auto row = std::ranges::find_if(
      kEnlargers, [&](const LatentEnlarger& one) { return one.id == name || one.name == name; });
  return row == kEnlargers.end() ? nullptr : &*row;
}

bool enlarges_by_itself(std::string_view name) {
  return name.empty() || name == "lanczos" || find_latent_enlarger(name) != nullptr;
}

std::vector<float> resize_latents(std::span<const float> latents, const LatentCodec::Size& from,
                                  const LatentCodec::Size& to, LatentResampling how) {
  const auto columns = latent_taps(from.width, to.width, how);
  const auto rows = latent_taps(from.height, to.height, how);
  const auto width = static_cast<std::size_t>(from.width);
  const std::size_t plane = width * static_cast<std::size_t>(from.height);
  std::vector<float> out;
  for (std::size_t first = 0; first < latents.size(); first += plane) {
    const auto in = latents.subspan(first, plane);
    for (const LatentTap& row : rows) {
      for (const LatentTap& column : columns) {
        float sum = 0;
        for (std::size_t j = 0; j < row.at.size(); ++j) {
          for (std::size_t i = 0; i < column.at.size(); ++i) {
            sum += row.weights[j] * column.weights[i] * in[row.at[j] * width + column.at[i]];
          }
        }
        out.push_back(sum);
      }
    }
  }
  return out;
}

}  // namespace easel
