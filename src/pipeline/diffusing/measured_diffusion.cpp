#include "pipeline/diffusing/measured_diffusion.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "image/codec.h"
#include "nn/tensor_ops.h"
#include "pipeline/diffusing/draw_run.h"
#include "pipeline/parts/kl_codec.h"

namespace easel {
namespace {

class MeasuredDiffusion final : public MeasuredModel {
 public:
  explicit MeasuredDiffusion(MeasuredSizes sizes)
      : sizes_(std::move(sizes)), factor_(sizes_.autoencoder.factor()) {}

  void with_part(std::string_view part, Backend& backend, const Recipe& how,
                 const UsePart& use) const override {
    if (part == "text") with_text_encoder(backend, use);
    if (part == "unet") with_unet(backend, use);
    if (part == "decoder") with_decoder(backend, use);
    if (part == "picture") with_picture(backend, how, use);
  }

  void export_parts(Backend& backend, const std::filesystem::path& folder) const override {
    export_text_encoder(backend, folder);
    export_unet(backend, folder);
    export_decoder(backend, folder);
  }

 private:
  void with_text_encoder(Backend& backend, const UsePart& use) const;
  void with_unet(Backend& backend, const UsePart& use) const;
  void with_decoder(Backend& backend, const UsePart& use) const;
  void with_picture(Backend& backend, const Recipe& how, const UsePart& use) const;
  void export_text_encoder(Backend& backend, const std::filesystem::path& folder) const;
  void export_unet(Backend& backend, const std::filesystem::path& folder) const;
  void export_decoder(Backend& backend, const std::filesystem::path& folder) const;

  Tensor latents(Backend& backend, int count, int zoom = 1) const {
    return made_up_noise(backend, {count, zoom * sizes_.native_height, zoom * sizes_.native_width,
                                   sizes_.autoencoder.latent_channels});
  }
  Tensor contexts(Backend& backend) const {
    return made_up_noise(backend, {2, sizes_.tokens, sizes_.unet.context_channels});
  }
  /// What joins the timestep beside `contexts`; empty where nothing does.
  Tensor labels(Backend& backend, int rows) const {
    const std::int64_t channels = sizes_.unet.label_channels;
    return channels > 0 ? made_up_noise(backend, {rows, channels}) : Tensor();
  }
  TimeEmbeddings times(const UNet& unet, const Tensor& labels) const {
    const float timesteps[] = {500.0f};
    const std::vector<float> guidance(static_cast<std::size_t>(sizes_.unet.guidance_channels),
                                      0.5f);
    return unet.embed_timesteps(
        {.timesteps = timesteps,
         .labels = labels.empty() ? std::nullopt : std::optional<ConstView>(labels),
         .guidance = guidance});
  }

  const MeasuredSizes sizes_;
  const int factor_;
};

void MeasuredDiffusion::with_text_encoder(Backend& backend, const UsePart& use) const {
  const auto encode = sizes_.text({backend, Scope::imagined(kMadeUpSeed)});
  for (const int prompts : {1, 2}) {
    use({.name = fmt::format("text encoder, {} prompt{}", prompts, prompts > 1 ? "s" : ""),
         .run = [&, prompts] { encode(prompts); }});
  }
}

void MeasuredDiffusion::with_unet(Backend& backend, const UsePart& use) const {
  const UNet unet({backend, Scope::imagined(kMadeUpSeed)}, sizes_.unet);
  const Tensor joined = labels(backend, 2);
  const TimeEmbeddings time = times(unet, joined);
  const UNetContext context = unet.prepare_context(contexts(backend));
  for (const int pictures : {1, 4}) {
    const Tensor x = latents(backend, pictures);
    const std::vector<int> rows(static_cast<std::size_t>(pictures), 0);
    std::vector<int> context_of(rows.size(), 0);
    context_of.resize(2 * rows.size(), 1);
    use({.name =
             fmt::format("guided step, {} picture{} of {}x{}", pictures, pictures > 1 ? "s" : "",
                         sizes_.native_width * factor_, sizes_.native_height * factor_),
         .run = [&] {
           unet(x, {.time = time, .time_rows = rows, .context = context, .context_of = context_of});
         }});
  }
}

void MeasuredDiffusion::with_decoder(Backend& backend, const UsePart& use) const {
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kMadeUpSeed)}, sizes_.autoencoder);
  for (const int zoom : {1, 2}) {
    const Tensor z = latents(backend, 1, zoom);
    use({.name = fmt::format("decode {}x{}", zoom * sizes_.native_width * factor_,
                             zoom * sizes_.native_height * factor_),
         .run = [&] { decoder(z); }});
  }
}

// A whole picture, as `easel draw` makes it once the model is open: both prompts, the steps that
// the model is drawn with, decoding and the PNG.
void MeasuredDiffusion::with_picture(Backend& backend, const Recipe& how,
                                     const UsePart& use) const {
  const auto encode = sizes_.text({backend, Scope::imagined(kMadeUpSeed)});
  const UNet unet({backend, Scope::imagined(kMadeUpSeed)}, sizes_.unet);
  KlCodec codec(backend, {.scope = Scope::imagined(kMadeUpSeed),
                          .config = sizes_.autoencoder,
                          .scale_factor = sizes_.scale_factor});
  codec.load();
  const Schedule schedule(sizes_.schedule);
  Recipe recipe = how;
  Diffusion& diffusion = diffusion_of(recipe);
  diffusion.steps = sizes_.defaults.steps;
  diffusion.sampler = sizes_.defaults.sampler;
  diffusion.scale = sizes_.defaults.scale;
  recipe.seed.seed = kMadeUpSeed;
  recipe.size = {.width = sizes_.native_width * factor_, .height = sizes_.native_height * factor_};
  const Plan plan(schedule, {.sampler = find_sampler(diffusion.sampler),
                             .steps = *diffusion.steps,
                             .parameterization = sizes_.parameterization,
                             .rule = sizes_.timestep_rule});
  use({.name = fmt::format("picture of {}x{}, {} steps", recipe.size.width, recipe.size.height,
                           *diffusion.steps),
       .run = [&] {
         Told told{.contexts = {}, .steps = {{.negative = 0, .parts = {{.context = 1}}}}};
         const Tensor encoded = encode(2);
         for (const std::int64_t i : {0, 1}) {
           told.contexts.push_back(
               {.sequence = written_out(backend, pictures_of(ConstView(encoded), i, 1), 1),
                .vector = labels(backend, 1)});
         }
         const DrawParts parts{
             .backend = backend, .unet = unet, .codec = codec, .plan = plan, .told = told};
         const auto pictures = DrawRun(parts, recipe, {}, {})();
         encode_picture(pictures.front().image, ImageFormat::kPng);
       }});
}

void MeasuredDiffusion::export_text_encoder(Backend& backend,
                                            const std::filesystem::path& folder) const {
  write_made_up_weights(folder / "text_encoder-weights.safetensors",
                        [&](const Place& at) { sizes_.text(at); });
  const auto encode = sizes_.text({backend, Scope::imagined(kMadeUpSeed)});
  write_tensors(backend, folder / "text_encoder-run.safetensors", {{"out", encode(1)}});
}

void MeasuredDiffusion::export_unet(Backend& backend, const std::filesystem::path& folder) const {
  write_made_up_weights(folder / "unet-weights.safetensors",
                        [&](const Place& at) { UNet(at, sizes_.unet); });
  const UNet unet({backend, Scope::imagined(kMadeUpSeed)}, sizes_.unet);
  const int rows[] = {0}, context_of[] = {0, 1};
  const Tensor x = latents(backend, 1);
  const Tensor context = contexts(backend);
  const Tensor joined = labels(backend, 2);
  const TimeEmbeddings time = times(unet, joined);
  const UNetContext keys = unet.prepare_context(context);
  const Tensor out =
      unet(x, {.time = time, .time_rows = rows, .context = keys, .context_of = context_of});
  std::vector<NamedTensor> tensors = {{"x", x}, {"context", context}, {"out", out}};
  if (!joined.empty()) tensors.push_back({"labels", joined});
  write_tensors(backend, folder / "unet-run.safetensors", tensors);
}

void MeasuredDiffusion::export_decoder(Backend& backend,
                                       const std::filesystem::path& folder) const {
  write_made_up_weights(folder / "decoder-weights.safetensors",
                        [&](const Place& at) { AutoencoderKlDecoder(at, sizes_.autoencoder); });
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kMadeUpSeed)}, sizes_.autoencoder);
  const Tensor z = latents(backend, 1);
  write_tensors(backend, folder / "decoder-run.safetensors", {{"z", z}, {"out", decoder(z)}});
}

}  // namespace

std::unique_ptr<MeasuredModel> measure_diffusion(MeasuredSizes sizes) {
  return std::make_unique<MeasuredDiffusion>(std::move(sizes));
}

}  // namespace easel
