#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"
#include "image/image.h"

namespace easel {

/// What Easel reads and writes of EXIF.
struct Exif {
  std::string user_comment = {};  ///< UTF-8; in the file UTF-16, or as other programs write it
  std::string easel = {};         ///< UTF-8, in MakerNote
  int orientation = 1;            ///< 1 to 8
  bool says_orientation = false;
  std::vector<NamedText> texts = {};  ///< "prompt:…" in Model, as ComfyUI has it, and so on
};

/// A TIFF block (what follows "Exif\0\0"), big-endian. Empty when there is nothing to say; it never
/// says an orientation.
std::vector<std::uint8_t> write_exif(const Exif& exif);

/// A block of another program's for a picture of `size`, which stands upright: orientation and
/// sizes are set, the thumbnail is cut off, everything else stays as it is. Empty for what is no
/// TIFF block.
std::vector<std::uint8_t> kept_exif(std::span<const std::uint8_t> block, Image::Size size);

/// The block of a JPEG or WebP: the metadata's own (kept_exif) with the texts that it lacks, or
/// without one write_exif.
std::vector<std::uint8_t> exif_for(const ImageMetadata& metadata, Image::Size size);

/// From a TIFF block of any origin, with or without "Exif\0\0"; never throws: what cannot be read
/// is left out.
Exif read_exif(std::span<const std::uint8_t> bytes);

/// Adds to the metadata what such a block says and the metadata does not yet; keeps the block where
/// a camera or another program says more in it. Returns the orientation, from XMP where EXIF has
/// none.
int take_exif(std::span<const std::uint8_t> bytes, ImageMetadata& metadata);

/// The size of a picture turned as orientation 1 to 8 says.
Image::Size oriented(Image::Size stored, int orientation);
/// The picture turned and mirrored as orientation 1 to 8 says.
Image oriented(const Image& image, int orientation);

}  // namespace easel
