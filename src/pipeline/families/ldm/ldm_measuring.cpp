#include "pipeline/families/ldm/ldm_measuring.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "image/codec.h"
#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/unet.h"
#include "nn/tensor_ops.h"
#include "pipeline/diffusing/draw_run.h"
#include "pipeline/parts/kl_codec.h"

namespace easel {
namespace {

class MeasuredLdm final : public MeasuredModel {
 public:
  explicit MeasuredLdm(LdmConfig config)
      : config_(std::move(config)), factor_(config_.autoencoder.factor()) {}

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
    return made_up_noise(backend, {count, zoom * config_.native_height, zoom * config_.native_width,
                                   config_.autoencoder.latent_channels});
  }
  Tensor contexts(Backend& backend) const {
    return made_up_noise(backend, {2, config_.text.tokens, config_.text.channels});
  }
  std::vector<std::int32_t> ids(int prompts) const {
    return std::vector<std::int32_t>(static_cast<std::size_t>(prompts * config_.text.tokens), 1);
  }

  const LdmConfig config_;
  const int factor_;
};

void MeasuredLdm::with_text_encoder(Backend& backend, const UsePart& use) const {
  const BertTextEncoder encoder({backend, Scope::imagined(kMadeUpSeed)}, config_.text);
  for (const int prompts : {1, 2}) {
    use({.name = fmt::format("text encoder, {} prompt{}", prompts, prompts > 1 ? "s" : ""),
         .run = [&, tokens = ids(prompts)] { encoder(tokens); }});
  }
}

void MeasuredLdm::with_unet(Backend& backend, const UsePart& use) const {
  const UNet unet({backend, Scope::imagined(kMadeUpSeed)}, config_.unet);
  const float timesteps[] = {500.0f};
  const TimeEmbeddings time = unet.embed_timesteps({.timesteps = timesteps});
  const UNetContext context = unet.prepare_context(contexts(backend));
  for (const int pictures : {1, 4}) {
    const Tensor x = latents(backend, pictures);
    const std::vector<int> rows(static_cast<std::size_t>(pictures), 0);
    std::vector<int> context_of(rows.size(), 0);
    context_of.resize(2 * rows.size(), 1);
    use({.name =
             fmt::format("guided step, {} picture{} of {}x{}", pictures, pictures > 1 ? "s" : "",
                         config_.native_width * factor_, config_.native_height * factor_),
         .run = [&] {
           unet(x, {.time = time, .time_rows = rows, .context = context, .context_of = context_of});
         }});
  }
}

void MeasuredLdm::with_decoder(Backend& backend, const UsePart& use) const {
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kMadeUpSeed)}, config_.autoencoder);
  for (const int zoom : {1, 2}) {
    const Tensor z = latents(backend, 1, zoom);
    use({.name = fmt::format("decode {}x{}", zoom * config_.native_width * factor_,
                             zoom * config_.native_height * factor_),
         .run = [&] { decoder(z); }});
  }
}

// A whole picture, as `easel draw` makes it once the model is open: both prompts, the steps that
// the model is drawn with, decoding and the PNG.
void MeasuredLdm::with_picture(Backend& backend, const Recipe& how, const UsePart& use) const {
  const BertTextEncoder encoder({backend, Scope::imagined(kMadeUpSeed)}, config_.text);
  const UNet unet({backend, Scope::imagined(kMadeUpSeed)}, config_.unet);
  KlCodec codec(backend, {.scope = Scope::imagined(kMadeUpSeed),
                          .config = config_.autoencoder,
                          .scale_factor = config_.scale_factor});
  codec.load();
  const Schedule schedule(config_.schedule);
  Recipe recipe = how;
  Diffusion& diffusion = diffusion_of(recipe);
  diffusion.steps = config_.defaults.steps;
  diffusion.sampler = config_.defaults.sampler;
  diffusion.scale = config_.defaults.scale;
  recipe.seed.seed = kMadeUpSeed;
  recipe.size = {.width = config_.native_width * factor_,
                 .height = config_.native_height * factor_};
  const Plan plan(schedule, {.sampler = find_sampler(diffusion.sampler),
                             .steps = *diffusion.steps,
                             .parameterization = config_.parameterization,
                             .rule = config_.timestep_rule});
  use({.name = fmt::format("picture of {}x{}, {} steps", recipe.size.width, recipe.size.height,
                           *diffusion.steps),
       .run = [&] {
         Told told{.contexts = {}, .steps = {{.negative = 0, .parts = {{.context = 1}}}}};
         const Tensor encoded = encoder(ids(2));
         for (const std::int64_t i : {0, 1}) {
           told.contexts.push_back(
               {.sequence = written_out(backend, pictures_of(ConstView(encoded), i, 1), 1),
                .vector = {}});
         }
         const DrawParts parts{
             .backend = backend, .unet = unet, .codec = codec, .plan = plan, .told = told};
         const auto pictures = DrawRun(parts, recipe, {}, {})();
         encode_picture(pictures.front().image, ImageFormat::kPng);
       }});
}

void MeasuredLdm::export_text_encoder(Backend& backend, const std::filesystem::path& folder) const {
  write_made_up_weights(folder / "text_encoder-weights.safetensors",
                        [&](const Place& at) { BertTextEncoder(at, config_.text); });
  const BertTextEncoder encoder({backend, Scope::imagined(kMadeUpSeed)}, config_.text);
  write_tensors(backend, folder / "text_encoder-run.safetensors", {{"out", encoder(ids(1))}});
}

void MeasuredLdm::export_unet(Backend& backend, const std::filesystem::path& folder) const {
  write_made_up_weights(folder / "unet-weights.safetensors",
                        [&](const Place& at) { UNet(at, config_.unet); });
  const UNet unet({backend, Scope::imagined(kMadeUpSeed)}, config_.unet);
  const float timesteps[] = {500.0f};
  const int rows[] = {0}, context_of[] = {0, 1};
  const Tensor x = latents(backend, 1);
  const Tensor context = contexts(backend);
  const TimeEmbeddings time = unet.embed_timesteps({.timesteps = timesteps});
  const UNetContext keys = unet.prepare_context(context);
  const Tensor out =
      unet(x, {.time = time, .time_rows = rows, .context = keys, .context_of = context_of});
  write_tensors(backend, folder / "unet-run.safetensors",
                {{"x", x}, {"context", context}, {"out", out}});
}

void MeasuredLdm::export_decoder(Backend& backend, const std::filesystem::path& folder) const {
  write_made_up_weights(folder / "decoder-weights.safetensors",
                        [&](const Place& at) { AutoencoderKlDecoder(at, config_.autoencoder); });
  const AutoencoderKlDecoder decoder({backend, Scope::imagined(kMadeUpSeed)}, config_.autoencoder);
  const Tensor z = latents(backend, 1);
  write_tensors(backend, folder / "decoder-run.safetensors", {{"z", z}, {"out", decoder(z)}});
}

}  // namespace

std::unique_ptr<MeasuredModel> measure_ldm(const LdmConfig& config) {
  return std::make_unique<MeasuredLdm>(config);
}

}  // namespace easel
