#pragma once

#include "image/codec.h"

namespace easel::formats {

/// Whether a text can hide in the picture: it has alpha, in 8 bits, and says no settings.
bool may_hide_text(int channels, int bits, const ImageMetadata& metadata);

/// Settings that NovelAI, and AUTOMATIC1111's "stealth pnginfo" after it, hide in the lowest bits
/// of alpha, column by column: "stealth_pnginfo", or "stealth_pngcomp" for what gzip packed; the
/// length in bits; the text. Of JSON each member becomes a text of its own, as NovelAI writes them
/// in PNG's chunks; any other is AUTOMATIC1111's text. Work is bounded by the pixels, and a text by
/// the 16 MiB of any other. Never throws.
void take_hidden_text(const Image& image, ImageMetadata& metadata);

}  // namespace easel::formats
