#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pipeline/parts/latent_codec.h"

namespace easel {

/// torch's interpolate(…, align_corners=False), without antialiasing.
enum class LatentResampling { kBilinear, kBicubic, kNearest };

/// A way to enlarge latents for a second pass.
struct LatentEnlarger {
  std::string_view id;    ///< "latent"
  std::string_view name;  ///< AUTOMATIC1111's: "Latent"
  LatentResampling how;
};
std::span<const LatentEnlarger> latent_enlargers();
/// By id or name; null where it is another kind of enlarger.
const LatentEnlarger* find_latent_enlarger(std::string_view name);

/// Whether a second pass needs nobody else to enlarge: one of these, "lanczos", or nothing said.
bool enlarges_by_itself(std::string_view name);

/// Latents [count, C, h, w] to [count, C, to.height, to.width].
std::vector<float> resize_latents(std::span<const float> latents, const LatentCodec::Size& from,
                                  const LatentCodec::Size& to, LatentResampling how);

}  // namespace easel
