#include "cli/bench/bench_export.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "backend/dry/dry.h"
#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/rrdbnet.h"
#include "models/unet.h"
#include "weights/safetensors_writer.h"
#include "weights/scope.h"

namespace easel::cli {
namespace {

Weights::Entry entry_of(TensorSource source) {
  Weights::Entry entry;
  entry.bytes = source.shape.elements() * 4;
  entry.source = std::move(source);
  return entry;
}

TensorToWrite held(Backend& backend, const std::string& name, const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
  backend.download(tensor, Layout::kPixels, values);
  return {.name = name,
          .entry = entry_of(
              {.shape = tensor.shape(),
               .dtype = DType::kF32,
               .read = [values = std::move(values)](std::int64_t first, std::span<float> out) {
                 std::copy_n(values.begin() + first, out.size(), out.begin());
               }})};
}

// Builds the network once on paper to learn which tensors it takes.
void write_weights(const std::filesystem::path& file,
                   const std::function<void(const Place&)>& build) {
  std::vector<NamedShape> names;
  const auto paper = make_dry_backend();
  build({*paper, Scope::imagined(kBenchSeed, &names)});
  std::vector<TensorToWrite> tensors;
  for (const NamedShape& tensor : names) {
    tensors.push_back(
        {.name = tensor.name, .entry = entry_of(make_random_source(tensor, kBenchSeed))});
  }
  write_safetensors(file, tensors, {.overwrite = true});
}

void write_run(const std::filesystem::path& file, std::vector<TensorToWrite> tensors) {
  write_safetensors(file, tensors, {.overwrite = true});
}

void export_text_encoder(Backend& backend, const BenchModel& model,
                         const std::filesystem::path& folder) {
  const auto& config = model.config.text;
  write_weights(folder / "text_encoder-weights.safetensors",
                [&](const Place& at) { BertTextEncoder(at, config); });
  const BertTextEncoder encoder({backend, Scope::imagined(kBenchSeed)}, config);
  const std::vector<std::int32_t> ids(static_cast<std::size_t>(config.tokens), 1);
  const Tensor context = encoder(ids);
  std::vector<TensorToWrite> tensors;
  tensors.push_back(held(backend, "out", context));
  write_run(folder / "text_encoder-run.safetensors", std::move(tensors));
}

void export_unet(Backend& backend, const BenchModel& model, const std::filesystem::path& folder) {
  const LdmConfig& config = model.config;
  write_weights(folder / "unet-weights.safetensors",
                [&](const Place& at) { UNet(at, config.unet); });
  const UNet unet({backend, Scope::imagined(kBenchSeed)}, config.unet);
  const float timesteps[] = {500.0f};
  const int rows[] = {0}, contexts[] = {0, 1};
  const Tensor x =
      bench_noise(backend, {1, config.native_height, config.native_width, config.unet.in_channels});
  const Tensor context =
      bench_noise(backend, {2, config.text.tokens, config.unet.context_channels});
  const TimeEmbeddings time = unet.embed_timesteps(timesteps);
  const UNetContext keys = unet.prepare_context(context);
  const Tensor out =
      unet(x, {.time = time, .time_rows = rows, .context = keys, .context_of = contexts});
  std::vector<TensorToWrite> tensors;
  tensors.push_back(held(backend, "x", x));
  tensors.push_back(held(backend, "context", context));
  tensors.push_back(held(backend, "out", out));
  write_run(folder / "unet-run.safetensors", std::move(tensors));
}

void export_decoder(Backend& backend, const BenchModel& model,
                    const std::filesystem::path& folder) {
  const LdmConfig& config = model.config;
  write_weights(folder / "decoder-weights.safetensors",
                [&](const Place& at) { AutoencoderKlDecoder(at, config.autoencoder); });
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kBenchSeed)}, config.autoencoder);
  const Tensor z = bench_noise(
      backend, {1, config.native_height, config.native_width, config.autoencoder.latent_channels});
  const Tensor out = decoder(z);
  std::vector<TensorToWrite> tensors;
  tensors.push_back(held(backend, "z", z));
  tensors.push_back(held(backend, "out", out));
  write_run(folder / "decoder-run.safetensors", std::move(tensors));
}

void export_upscaler(Backend& backend, const std::filesystem::path& folder) {
  const RrdbNetConfig config;
  write_weights(folder / "upscaler-weights.safetensors",
                [&](const Place& at) { RrdbNet(at, config); });
  const RrdbNet upscaler({backend, Scope::imagined(kBenchSeed)}, config);
  const Tensor x = bench_noise(backend, {1, 256, 256, 3});
  const Tensor out = upscaler(x);
  std::vector<TensorToWrite> tensors;
  tensors.push_back(held(backend, "x", x));
  tensors.push_back(held(backend, "out", out));
  write_run(folder / "upscaler-run.safetensors", std::move(tensors));
}

}  // namespace

void export_parts(Backend& backend, const BenchModel& model, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  export_text_encoder(backend, model, folder);
  export_unet(backend, model, folder);
  export_decoder(backend, model, folder);
  export_upscaler(backend, folder);
}

}  // namespace easel::cli
