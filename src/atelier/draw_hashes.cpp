#include <string>
#include <vector>

#include "atelier/draw_job.h"
#include "recipe/forms.h"

namespace easel {

std::string hash_of(const DrawJob& job, std::string_view model_fingerprint) {
  return hash_of(job.recipe, std::to_string(job.count) + " " + std::string(model_fingerprint));
}

std::vector<std::string> hashes_of(const DrawJob& job, std::string_view model_fingerprint) {
  std::vector<std::string> hashes;
  for (int k = 0; k < job.count; ++k) {
    hashes.push_back(hash_of(of_picture(job.recipe, k), model_fingerprint));
  }
  return hashes;
}

}  // namespace easel
