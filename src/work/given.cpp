#include "work/given.h"

#include "core/error.h"
#include "image/codec.h"

namespace easel {
namespace {

Image read_one(const GivenFiles& files, const std::string& sha256) {
  const auto bytes = files.read(sha256);
  if (!bytes) fail(ErrorCode::kNotFound, "the picture to draw from ({}) has gone", sha256);
  return decode_picture({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()},
                        "the picture to draw from")
      .image;
}

}  // namespace

std::optional<GivenPixels> read_given(const Recipe& recipe, const GivenFiles& files) {
  const Editing& editing = diffusion_of(recipe).editing;
  if (editing.init.sha256.empty()) return std::nullopt;
  GivenPixels given{.init = read_one(files, editing.init.sha256), .mask = std::nullopt};
  const std::string& mask = editing.masking.mask.sha256;
  if (!mask.empty()) given.mask = read_one(files, mask);
  return given;
}

}  // namespace easel
