#include <cstddef>
#include <cstdint>
#include <span>

#include "core/error.h"
#include "image/codec.h"
#include "recipe/forms.h"

// A picture as the page, `easel upscale` and the server read it: pixels, then what it says of its
// own making. Few pixels are allowed, so that a run looks at many files instead of one large one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const easel::Picture picture =
        easel::decode_picture(std::span(data, size), "fuzz", {.max_pixels = 1 << 16});
    (void)easel::provenance_of(picture.metadata);
  } catch (const easel::Error&) {
  }
  return 0;
}
