#pragma once

#include <span>

#include "backend/backend.h"

namespace easel {

/// [B, H, W, C] seen as [B, H * W, C].
ConstView as_tokens(ConstView image);

/// `shape` with another number of pictures.
Shape with_batch(const Shape& shape, std::int64_t batch);

/// Pictures [first, first + count) of a batch.
ConstView pictures_of(ConstView x, std::int64_t first, std::int64_t count);
View pictures_of(View x, std::int64_t first, std::int64_t count);

/// The channels of a, then those of b. The smaller batch stands for as many pictures as the other.
Tensor concat_channels(Backend& backend, const Repeated& a, const Repeated& b);

/// x [B, ...] -> [batch, ...]: what it stands for, written out. REQUIRES: a multiple of B
Tensor written_out(Backend& backend, const Repeated& x, std::int64_t batch);

/// Backend's pixel_shuffle and pixel_unshuffle to a new tensor. REQUIRES: sizes and channels that
/// divide.
Tensor pixel_unshuffle(Backend& backend, ConstView x, int factor);
Tensor pixel_shuffle(Backend& backend, ConstView x, int factor);

/// Host floats [B, C, H, W], as the outside world keeps latents and pictures, to a tensor of shape
/// `nhwc` and back. REQUIRES: as many values as the shape has.
Tensor from_nchw(Backend& backend, std::span<const float> values, const Shape& nhwc);
void to_nchw(Backend& backend, ConstView x, std::span<float> out);

}  // namespace easel
