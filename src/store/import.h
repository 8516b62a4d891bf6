#pragma once

#include <cstdint>
#include <string>

#include "image/codec.h"
#include "store/picture_files.h"
#include "store/records.h"

// Pictures that nobody drew here: files that were found in the gallery's folder, and those that
// people bring.

namespace easel {

/// A file's picture, whole. `name` is for messages. Throws kInvalidFile, kUnsupported.
Picture read_gallery_picture(const std::string& bytes, const std::string& name);

/// What such a picture says of itself, by any program's settings; id, times and bytes are left
/// open.
PictureRecord record_of(const Picture& picture);

/// A picture file that a person brings.
struct Brought {
  std::string bytes;
  std::string name;          ///< for messages
  std::int64_t created = 0;  ///< ms since 1970; 0: now
};

struct Import {
  PictureRecord picture;
  bool added = false;  ///< false: the gallery had this very file already, as that picture
};

/// Puts the file's picture into the gallery: a PNG as it is, another kind as a PNG with its
/// settings. A file that was brought before is there once. Throws kInvalidFile, kUnsupported,
/// kNoSpace, kIo. Waits for the store: not on a thread that answers requests.
Import import_picture(Records& records, const PictureFiles& files, const Brought& brought);

}  // namespace easel
