#include "cli/model_check.h"

#include "pipeline/families.h"

namespace easel::cli {

namespace fs = std::filesystem;

bool is_text_to_image(const fs::path& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path extension = it->path().extension();
    for (const char* weights : {".safetensors", ".ckpt", ".bin", ".pt", ".pth"}) {
      if (extension == weights) return true;
    }
  }
  return false;
}

void check_fetched_model(const fs::path& folder, const Places& places) {
  if (!is_text_to_image(folder)) return;
  open_drawing_model({.path = folder, .installed = places.model_folders()}, {});
}

}  // namespace easel::cli
