#include "atelier/engine.h"
#include "image/resize.h"

namespace easel {

Enlarger lanczos_enlarger() {
  return {.name = "lanczos",
          .is_default = true,
          .scale = 0,
          .run = [](const Image& image, int factor, const CancelToken* cancel) {
            if (cancel != nullptr) cancel->check();
            return resize(image, {image.width() * factor, image.height() * factor},
                          Resampling::kLanczos);
          }};
}

}  // namespace easel
