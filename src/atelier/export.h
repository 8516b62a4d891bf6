#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/cancel.h"
#include "image/codec.h"
#include "store/picture_files.h"
#include "store/records.h"

namespace easel {

struct ExportOptions {
  std::filesystem::path folder;
  std::string title = "Pictures drawn with Easel";
  /// Order of the menus; names that are not here follow, by name.
  std::vector<std::string> subjects;
  std::vector<std::string> styles;
  int per_pair = 16;
  ImageFormat format = ImageFormat::kWebp;
  int quality = 90;    ///< JPEG and WebP
  bool force = false;  ///< also into a folder that holds other things
};

struct ExportReport {
  int pairs = 0;
  int pictures = 0;
  int written = 0;  ///< the others were there from an export before
  std::int64_t bytes = 0;
};

struct ExportHooks {
  std::function<void(int done, int total)> on_picture;
  const CancelToken* cancel = nullptr;
};

/// Writes every picture of the gallery that has a subject and a style as a web page that needs no
/// Easel and no server: index.html with the same two menus, opened from a folder or any web host.
/// Of each pair the lowest seeds, of each seed the largest picture, of those the newest. Pictures
/// that an earlier export wrote stay; those that are no longer shown are removed.
/// Throws kUsage when the folder holds something else, kNotFound when there is nothing to export,
/// kCancelled, kNoSpace, kIo.
ExportReport export_gallery(const ExportOptions& options, Records& records,
                            const PictureFiles& files, const ExportHooks& hooks = {});

}  // namespace easel
