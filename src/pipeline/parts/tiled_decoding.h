#pragma once

#include "pipeline/parts/latent_codec.h"

namespace easel {

/// Latents a side of a tile where a picture does not fit into memory whole: 512 pixels.
inline constexpr int kUsualTile = 64;

/// decode(), a tile after another, each `tile` latents a side and overlapping its neighbours by a
/// quarter; over that width neighbours are blended, from one to the other (diffusers' tiled
/// decoding). Group normalisations see a tile at a time, so the picture is not quite the whole
/// one's. REQUIRES: tile >= 4
std::vector<float> decode_in_tiles(LatentCodec& codec, std::span<const float> latents,
                                   const LatentCodec::Size& size, int tile);

}  // namespace easel
