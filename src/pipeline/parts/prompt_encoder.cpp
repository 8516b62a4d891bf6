#include "pipeline/parts/prompt_encoder.h"

#include <fmt/format.h>

namespace easel {

std::string note_of_dropped(std::string_view what, int pieces) {
  return fmt::format(
      "the {} is longer than the model reads: the last {} word pieces of it are "
      "not used",
      what, pieces);
}

}  // namespace easel
