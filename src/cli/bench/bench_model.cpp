#include "cli/bench/bench_model.h"

#include <fmt/format.h>

#include "core/rng.h"
#include "image/codec.h"
#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/rrdbnet.h"
#include "models/unet.h"
#include "pipeline/draw_run.h"
#include "weights/scope.h"

namespace easel::cli {

Tensor bench_noise(Backend& backend, Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  TorchCpuRng(kBenchSeed).normal(values);
  Tensor tensor(backend.arena(), shape);
  backend.upload(values, Layout::kPixels, tensor);
  return tensor;
}

BenchModel ldm_large() { return {.name = "ldm-large", .config = {}}; }

void with_text_encoder(Backend& backend, const BenchModel& model, const UsePart& use) {
  const auto& config = model.config.text;
  const BertTextEncoder encoder({backend, Scope::imagined(kBenchSeed)}, config);
  for (const int prompts : {1, 2}) {
    const std::vector<std::int32_t> ids(static_cast<std::size_t>(prompts * config.tokens), 1);
    use({.name = fmt::format("text encoder, {} prompt{}", prompts, prompts > 1 ? "s" : ""),
         .run = [&] { encoder(ids); }});
  }
}

void with_unet(Backend& backend, const BenchModel& model, const UsePart& use) {
  const LdmConfig& config = model.config;
  const UNet unet({backend, Scope::imagined(kBenchSeed)}, config.unet);
  const int factor = config.autoencoder.factor();
  const float timesteps[] = {500.0f};
  const TimeEmbeddings time = unet.embed_timesteps(timesteps);
  const UNetContext context = unet.prepare_context(
      bench_noise(backend, {2, config.text.tokens, config.unet.context_channels}));
  for (const int pictures : {1, 4}) {
    const Tensor x = bench_noise(
        backend, {pictures, config.native_height, config.native_width, config.unet.in_channels});
    const std::vector<int> rows(static_cast<std::size_t>(pictures), 0);
    std::vector<int> contexts(rows.size(), 0);
    contexts.resize(2 * rows.size(), 1);
    use({.name =
             fmt::format("guided step, {} picture{} of {}x{}", pictures, pictures > 1 ? "s" : "",
                         config.native_width * factor, config.native_height * factor),
         .run = [&] {
           unet(x, {.time = time, .time_rows = rows, .context = context, .context_of = contexts});
         }});
  }
}

void with_decoder(Backend& backend, const BenchModel& model, const UsePart& use) {
  const LdmConfig& config = model.config;
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kBenchSeed)}, config.autoencoder);
  const int factor = config.autoencoder.factor();
  for (const int zoom : {1, 2}) {
    const Tensor z =
        bench_noise(backend, {1, zoom * config.native_height, zoom * config.native_width,
                              config.autoencoder.latent_channels});
    use({.name = fmt::format("decode {}x{}", zoom * config.native_width * factor,
                             zoom * config.native_height * factor),
         .run = [&] { decoder(z); }});
  }
}

void with_picture(Backend& backend, const BenchModel& model, const DrawRequest& how,
                  const UsePart& use) {
  const LdmConfig& config = model.config;
  const BertTextEncoder encoder({backend, Scope::imagined(kBenchSeed)}, config.text);
  const UNet unet({backend, Scope::imagined(kBenchSeed)}, config.unet);
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kBenchSeed)}, config.autoencoder);
  const Schedule schedule(config.schedule);
  const Plan plan(schedule, {.sampler = find_sampler(config.defaults.sampler),
                             .steps = config.defaults.steps,
                             .parameterization = config.parameterization,
                             .rule = config.timestep_rule});
  const int factor = config.autoencoder.factor();
  const DrawRequest request{.steps = config.defaults.steps,
                            .sampler = config.defaults.sampler,
                            .scale = config.defaults.scale,
                            .guidance_interval = how.guidance_interval,
                            .deep_every = how.deep_every,
                            .seed = kBenchSeed,
                            .width = config.native_width * factor,
                            .height = config.native_height * factor};
  const std::vector<std::int32_t> ids(static_cast<std::size_t>(2 * config.text.tokens), 1);
  use({.name =
           fmt::format("picture of {}x{}, {} steps", request.width, request.height, *request.steps),
       .run = [&] {
         const Tensor contexts = encoder(ids);
         const DrawParts parts{.backend = backend,
                               .config = config,
                               .plan = plan,
                               .unet = unet,
                               .decoder = decoder,
                               .contexts = contexts};
         const auto pictures = DrawRun(parts, request, {})();
         encode_picture(pictures.front().image, ImageFormat::kPng);
       }});
}

void with_start(const BackendOptions& options, const BenchModel& model, const UsePart& use) {
  use({.name = "start: open the model, no text", .run = [&] {
         TextToImage opened(*model.location, {.backend = options});
         opened.load();
       }});
}

void with_upscaler(Backend& backend, const UsePart& use) {
  const RrdbNet upscaler({backend, Scope::imagined(kBenchSeed)}, RrdbNetConfig());
  const Tensor x = bench_noise(backend, {1, 256, 256, 3});
  use({.name = "enlarge 256x256 four times", .run = [&] { upscaler(x); }});
}

}  // namespace easel::cli
