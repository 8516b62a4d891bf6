#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "weights/weights.h"

namespace easel {

// Matrices in 8 bits: blocks of 32 terms of a row's sum share a scale, a float16 s, and each weight
// is a whole number q from -127 to 127 that stands for q s. Of a convolution the terms of a block
// are channels of one tap. s is the block's largest weight / 127, rounded to float16 and no smaller
// than the smallest normal one, so that making 8 bits of what was in 8 bits changes nothing.
//
// In memory a tensor that is of type I8 and reads as float is such a matrix: backends may keep it
// in 8 bits (backend/cpu) or as the floats that it reads as. In a file (Easel's own layout, `easel
// convert --precision q8`): NAME, I8 with the shape of the weight; NAME.scales, F16 [rows, taps,
// blocks]; and the metadata "easel.eight_bits" = "1".

inline constexpr std::int64_t kEightBitBlock = 32;
inline constexpr const char* kMarkOfEightBits = "easel.eight_bits";
inline constexpr const char* kScalesOfEightBits = ".scales";

/// A row [channels, taps] (a convolution's; taps 1: a matrix's) as whole numbers and the bits of
/// their scales [taps, blocks]. REQUIRES: row.size() values, taps * blocks_of(channels) scales
void to_eight_bits(std::span<const float> row, std::int64_t taps, std::span<std::int8_t> values,
                   std::span<std::uint16_t> scales);
std::int64_t blocks_of(std::int64_t channels);

/// Whether a tensor is one of the matrices that are worth it: of the text encoders' and the
/// denoiser's layers, but for its first and last convolution. Embeddings, norms, the autoencoder
/// stay as they are.
bool may_be_in_eight_bits(std::string_view name, const Shape& shape);

/// The model with those matrices in 8 bits; computed when they are read, a row at a time.
Weights in_eight_bits(const Weights& model);

/// The two tensors that a matrix becomes in a file.
struct EightBitTensors {
  Weights::Entry values;  ///< I8, read_stored
  Weights::Entry scales;  ///< F16
};
EightBitTensors eight_bit_tensors(const Weights::Entry& matrix);

/// A file in that layout as in_eight_bits() would have it; any other file as it is. Throws
/// kInvalidFile for scales that do not fit.
Weights with_eight_bits_of_file(const Weights& file);

}  // namespace easel
