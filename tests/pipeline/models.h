#pragma once

#include <filesystem>
#include <vector>

#include "diffusion/noise.h"
#include "pipeline/text_to_image.h"
#include "support/backends.h"
#include "support/fixture_file.h"

namespace easel::testing {

inline std::filesystem::path ldm_tiny() { return shared_file("fixtures/ldm-tiny/model.ckpt"); }
inline std::filesystem::path ldm_tiny_hf() { return shared_file("fixtures/ldm-tiny-hf"); }
inline std::filesystem::path bert_vocabulary() {
  return shared_file("fixtures/tokenizer/bert-base-uncased-vocab.txt");
}
/// The first weights of the embedded model: these stay as they are, whatever ships.
inline std::filesystem::path default_model() { return shared_file("default-model"); }

inline BackendOptions options_of(const BackendCase& backend, int threads = 2) {
  return {.name = backend.name, .threads = threads, .target = backend.target};
}

/// ldm-tiny's checkpoint, BERT's vocabulary.
inline TextToImage open_ldm_tiny(const BackendCase& backend, int threads = 2) {
  return {{.path = ldm_tiny(), .vocab = bert_vocabulary()},
          {.backend = options_of(backend, threads)}};
}

/// Hands out given draws, one after another.
class GivenNoise final : public NoiseSource {
 public:
  explicit GivenNoise(std::vector<std::vector<float>> draws) : draws_(std::move(draws)) {}
  void draw(std::span<float> out) override {
    const std::vector<float>& next = draws_.at(used_++);
    if (next.size() != out.size()) throw std::runtime_error("a draw of another size");
    std::copy(next.begin(), next.end(), out.begin());
  }

 private:
  std::vector<std::vector<float>> draws_;
  std::size_t used_ = 0;
};

}  // namespace easel::testing
