#include "pipeline/drawing/measuring.h"

#include <algorithm>
#include <utility>

#include "backend/dry/dry.h"
#include "core/rng.h"
#include "weights/formats/safetensors_writer.h"

namespace easel {
namespace {

Weights::Entry entry_of(TensorSource source) {
  Weights::Entry entry;
  entry.bytes = source.shape.elements() * 4;
  entry.source = std::move(source);
  return entry;
}

TensorToWrite held(Backend& backend, const NamedTensor& named) {
  std::vector<float> values(static_cast<std::size_t>(named.tensor.elements()));
  backend.download(named.tensor, Layout::kPixels, values);
  return {.name = named.name,
          .entry = entry_of(
              {.shape = named.tensor.shape(),
               .dtype = DType::kF32,
               .read = [values = std::move(values)](std::int64_t first, std::span<float> out) {
                 std::copy_n(values.begin() + first, out.size(), out.begin());
               }})};
}

}  // namespace

Tensor made_up_noise(Backend& backend, Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  TorchCpuRng(kMadeUpSeed).normal(values);
  Tensor tensor(backend.arena(), shape);
  backend.upload(values, Layout::kPixels, tensor);
  return tensor;
}

void write_made_up_weights(const std::filesystem::path& file,
                           const std::function<void(const Place&)>& build) {
  std::vector<NamedShape> names;
  const auto paper = make_dry_backend();
  build({*paper, Scope::imagined(kMadeUpSeed, &names)});
  std::vector<TensorToWrite> tensors;
  for (const NamedShape& tensor : names) {
    tensors.push_back(
        {.name = tensor.name, .entry = entry_of(make_random_source(tensor, kMadeUpSeed))});
  }
  write_safetensors(file, tensors, {.overwrite = true});
}

void write_tensors(Backend& backend, const std::filesystem::path& file,
                   const std::vector<NamedTensor>& tensors) {
  std::vector<TensorToWrite> held_tensors;
  for (const NamedTensor& tensor : tensors) held_tensors.push_back(held(backend, tensor));
  write_safetensors(file, held_tensors, {.overwrite = true});
}

}  // namespace easel
