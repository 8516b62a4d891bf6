#include "pipeline/parts/prompt_encoder.h"

#include <fmt/format.h>

#include "core/printable.h"

namespace easel {

std::string note_of_dropped(std::string_view what, int pieces, std::string_view unused) {
  return fmt::format(
      "the {} is longer than the model reads: the last {} word piece{} of it {} not used{}", what,
      pieces, pieces == 1 ? "" : "s", pieces == 1 ? "is" : "are",
      unused.empty() ? "" : ", from \"" + printable(unused) + "\" on");
}

}  // namespace easel
