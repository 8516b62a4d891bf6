#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"
#include "recipe/forms.h"

namespace easel {

/// Longest side of a thumbnail in pixels.
constexpr int kThumbnailSide = 256;

/// The files of the gallery: a PNG and a WebP thumbnail per id, spread over folders by time. No
/// name ever comes from outside: an id that is none finds nothing.
///
/// Thread rule: any thread, for different ids.
class PictureFiles {
 public:
  PictureFiles(std::filesystem::path pictures, std::filesystem::path thumbnails);

  /// Writes the thumbnail, then the picture with its settings inside; each is whole and on the disk
  /// on return, or not there. Returns the picture's bytes. Throws kNoSpace, kIo.
  /// REQUIRES: is_ulid(id)
  std::int64_t save(const std::string& id, const Image& image, const Provenance& provenance) const;

  /// The same for a PNG that exists: `image` is what its bytes hold, and they are kept as they are.
  std::int64_t keep(const std::string& id, const Image& image,
                    std::span<const std::uint8_t> png) const;

  /// The file's bytes; nothing when there is none. Throws kIo.
  std::optional<std::string> picture(std::string_view id) const;
  /// The same; made anew from the picture when it is not there.
  std::optional<std::string> thumbnail(std::string_view id) const;

  /// Removes both files, if they are there. Throws kIo.
  void remove(std::string_view id) const;

  /// The ids of all pictures on disk, in order; temporary files left behind are removed on the way.
  std::vector<std::string> sweep() const;

 private:
  std::filesystem::path pictures_;
  std::filesystem::path thumbnails_;
};

}  // namespace easel
