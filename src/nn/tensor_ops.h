#pragma once

#include <span>

#include "backend/backend.h"

namespace easel {

/// [B, H, W, C] seen as [B, H * W, C].
ConstView as_tokens(ConstView image);

/// The channels of a, then those of b. A batch that is a whole fraction of the other is repeated.
Tensor concat_channels(Backend& backend, ConstView a, ConstView b);

/// x [B, ...] `times` times one after another: [times * B, ...].
Tensor repeat_batch(Backend& backend, ConstView x, std::int64_t times);

/// Pictures [first, first + count) of a batch.
ConstView pictures_of(ConstView x, std::int64_t first, std::int64_t count);
View pictures_of(View x, std::int64_t first, std::int64_t count);

/// Space to depth and back, as torch orders it: channel c of pixel (y, x) and channel
/// (c * factor + y % factor) * factor + x % factor of pixel (y / factor, x / factor) are the same.
/// REQUIRES: sizes and channels that divide.
Tensor pixel_unshuffle(Backend& backend, ConstView x, int factor);
Tensor pixel_shuffle(Backend& backend, ConstView x, int factor);

/// Host floats [B, C, H, W], as the outside world keeps latents and pictures, to [B, H, W, C] and
/// back. REQUIRES: as many values as the shape has.
Tensor from_nchw(Arena& arena, std::span<const float> values, const Shape& nhwc);
void to_nchw(ConstView x, std::span<float> out);

}  // namespace easel
