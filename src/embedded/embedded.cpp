#include "embedded/embedded.h"

namespace easel {

std::string_view embedded(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == name) return file.bytes;
  }
  return {};
}

}  // namespace easel
