#include "weights/textual_inversion.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

using Vectors = TextualInversion::Vectors;

constexpr std::string_view kParameters = "string_to_param";  // of A1111's and CompVis' files
constexpr std::int64_t kMostVectors = 1024;                  // a prompt has room for 75
constexpr std::int64_t kMostWidth = 16384;

bool could_be_vectors(const Weights::Entry& entry) {
  const Shape& shape = entry.source.shape;
  return (shape.rank() == 1 || shape.rank() == 2) && shape.elements() > 0;
}

Vectors read_vectors(const Weights::Entry& entry, std::string_view key, const std::string& name) {
  const Shape& shape = entry.source.shape;
  const std::int64_t count = shape.rank() == 2 ? shape[0] : 1;
  const std::int64_t width = shape.rank() == 0 ? 0 : shape[shape.rank() - 1];
  if (!could_be_vectors(entry) || count > kMostVectors || width > kMostWidth) {
    fail(ErrorCode::kWrongModel,
         "'{}' of the embedding '{}' has the shape {}, [vectors, width] is "
         "wanted",
         printable(key), printable(name), shape.text());
  }
  Vectors vectors{.count = static_cast<int>(count),
                  .width = static_cast<int>(width),
                  .values = std::vector<float>(static_cast<std::size_t>(count * width))};
  entry.source.read(0, vectors.values);
  if (!std::ranges::all_of(vectors.values, [](float value) { return std::isfinite(value); })) {
    fail(ErrorCode::kInvalidFile, "the embedding '{}' holds values that are no numbers",
         printable(name));
  }
  return vectors;
}

// What a model of such a text encoder is called.
std::string_view family_of(int width) {
  switch (width) {
    case 768:
      return ", as Stable Diffusion 1.x has";
    case 1024:
      return ", as Stable Diffusion 2.x has";
    case 1280:
      return ", as SDXL's second text encoder has";
    default:
      return "";
  }
}

}  // namespace

TextualInversion read_textual_inversion(const Weights& weights, std::string name) {
  TextualInversion out{.name = std::move(name), .token = {}, .first = {}};
  const auto* clip_l = weights.find("clip_l");
  const auto* clip_g = weights.find("clip_g");
  if (clip_l != nullptr && clip_g != nullptr) {
    out.first = read_vectors(*clip_l, "clip_l", out.name);
    out.second = read_vectors(*clip_g, "clip_g", out.name);
    if (out.first.count != out.second->count) {
      fail(ErrorCode::kInvalidFile,
           "the embedding '{}' has {} vectors for one text encoder and {} "
           "for the other",
           printable(out.name), out.first.count, out.second->count);
    }
    return out;
  }
  const bool has_parameters = weights.contains_prefix(kParameters);
  std::vector<std::string_view> keys;
  for (const auto& [key, entry] : weights.entries()) {
    if (key.starts_with(kParameters) || (!has_parameters && could_be_vectors(entry)))
      keys.push_back(key);
  }
  if (keys.size() != 1 || (!has_parameters && weights.entries().size() != 1)) {
    fail(ErrorCode::kWrongModel,
         "'{}' is no textual inversion: it holds {} tensors, one of vectors "
         "(or clip_l and clip_g) is wanted",
         printable(out.name), weights.entries().size());
  }
  out.first = read_vectors(*weights.find(keys[0]), keys[0], out.name);
  if (!has_parameters && keys[0] != "emb_params") out.token = keys[0];
  return out;
}

TextualInversion open_textual_inversion(const std::filesystem::path& file) {
  return read_textual_inversion(open_weights(file), file.stem().string());
}

void check_widths(const TextualInversion& embedding, const EmbeddingWidths& wanted) {
  if (embedding.second.has_value() != wanted.second.has_value()) {
    fail(ErrorCode::kWrongModel, "the embedding '{}' is for models with {}, this one has {}",
         printable(embedding.name),
         embedding.second ? "two text encoders (SDXL)" : "one text encoder",
         wanted.second ? "two" : "one");
  }
  const auto check = [&](int width, int wants) {
    if (width == wants) return;
    fail(ErrorCode::kWrongModel,
         "the embedding '{}' has vectors of {} numbers{}; the model wants {}{}",
         printable(embedding.name), width, family_of(width), wants, family_of(wants));
  };
  check(embedding.first.width, wanted.first);
  if (wanted.second) check(embedding.second->width, *wanted.second);
}

}  // namespace easel
