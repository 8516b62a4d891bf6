#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "image/image.h"
#include "store/picture.h"
#include "store/picture_files.h"

namespace easel {

/// Where a worker's pictures go, and where it finds those that it enlarges. From any thread.
class PictureSink {
 public:
  virtual ~PictureSink() = default;

  /// Keeps the file of a picture, with the settings that its record knows, before anyone hears of
  /// it; returns its bytes. Throws kNoSpace, kIo.
  virtual std::int64_t save(const PictureRecord& picture, const Image& image) = 0;
  /// Takes back a file that save() kept and nobody heard of, if it is there. Throws kIo.
  virtual void discard(const std::string& id) = 0;
  /// A picture's file; nothing when it has gone.
  virtual std::optional<std::string> read(const std::string& id) = 0;
};

/// Into a folder of this computer.
class LocalPictures : public PictureSink {
 public:
  /// The files must outlive it.
  explicit LocalPictures(const PictureFiles& files) : files_(files) {}

  std::int64_t save(const PictureRecord& picture, const Image& image) override;
  void discard(const std::string& id) override;
  std::optional<std::string> read(const std::string& id) override;

 private:
  const PictureFiles& files_;
};

}  // namespace easel
