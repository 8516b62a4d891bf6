#include "pipeline/text_to_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "nn/tensor_ops.h"
#include "pipeline/draw_request.h"
#include "pipeline/draw_run.h"
#include "pipeline/families/family.h"
#include "pipeline/families/ldm_config.h"
#include "pipeline/families/ldm_model.h"
#include "pipeline/memory.h"
#include "pipeline/model_files.h"
#include "pipeline/prompt_cache.h"
#include "weights/maps/hugging_face.h"

namespace easel {
namespace {

constexpr int kMaxSide = 2048;
// Latent pixels that are worth putting through the denoiser together: with more, time only grows.
constexpr int kPassPixels = 4096;
constexpr int kMaxPass = 16;
// The program itself, tokenizer, pictures.
constexpr std::int64_t kOverhead = std::int64_t{64} << 20;

Weights open_checked(const ModelLocation& location) {
  Weights weights = open_model_weights(location.path);
  require_use(weights, ModelUse::kTextToImage, location.path.string());
  return weights;
}

LdmConfig read_config(const ModelLocation& location, const Weights& weights) {
  if (const auto file = find_config(location)) return read_ldm_config(*file);
  if (weights.format() == WeightsFormat::kHuggingFaceFolder) {
    return ldm_config_from_hugging_face(location.path, weights);
  }
  return ldm_config_from_shapes(weights);
}

LdmModel open_model(Backend& backend, const ModelLocation& location) {
  Weights weights = open_checked(location);
  LdmConfig config = read_config(location, weights);
  if (has_ema(weights)) {
    if (config.use_ema) {
      weights = with_ema(weights);
      config.notes.emplace_back("the averaged (EMA) weights are used");
    } else {
      config.notes.emplace_back("the file's averaged (EMA) weights are not used: use_ema is false");
    }
  }
  for (const std::string& note : weights.notes()) config.notes.push_back(note);
  return {backend, std::move(weights), std::move(config)};
}

std::string_view name_of(Parameterization parameterization) {
  switch (parameterization) {
    case Parameterization::kEps:
      return "eps";
    case Parameterization::kX0:
      return "x0";
    case Parameterization::kV:
      return "v";
  }
  return "";
}

ModelInfo describe(const LdmModel& model, const std::filesystem::path& path) {
  const LdmConfig& config = model.config();
  const int factor = config.autoencoder.factor();
  const std::filesystem::path folder = path.has_filename() ? path : path.parent_path();
  const LdmModel::Sizes& sizes = model.sizes();
  return {.family = "latent-diffusion text-to-image",
          .name = folder.filename().string(),
          .native_width = config.native_width * factor,
          .native_height = config.native_height * factor,
          .size_multiple = config.size_multiple(),
          .max_side = kMaxSide,
          .latent_channels = static_cast<int>(config.unet.in_channels),
          .latent_factor = factor,
          .tokens = static_cast<int>(config.text.tokens),
          .schedule_steps = config.schedule.timesteps,
          .parameterization = std::string(name_of(config.parameterization)),
          .defaults = config.defaults,
          .parameters = sizes.text_encoder + sizes.unet + sizes.decoder + sizes.encoder,
          .notes = config.notes};
}

}  // namespace

class TextToImage::Impl {
 public:
  Impl(const ModelLocation& location, const TextToImageOptions& options)
      : options_(options),
        backend_(make_backend(options.backend)),
        model_(open_model(*backend_, location)),
        tokenizer_(find_vocabulary(location, model_.config().text.vocabulary)),
        schedule_(model_.config().schedule),
        info_(describe(model_, location.path)),
        cache_(static_cast<std::size_t>(std::max(1, options.cached_prompts))) {}

  const ModelInfo& info() const { return info_; }
  const Backend& backend() const { return *backend_; }

  DrawRequest checked(const DrawRequest& request) const {
    DrawRequest whole = checked_request(request, info_);
    plan_of(whole);
    return whole;
  }
  std::int64_t memory_needed(const DrawRequest& request) const;
  std::vector<DrawnPicture> draw(const DrawRequest& asked, const DrawHooks& hooks);
  void load(const CancelToken* cancel);
  void release();
  LatentPreview fit_preview();
  std::vector<float> encode_prompt(const std::string& prompt);
  std::vector<float> decode(std::span<const float> latents, int count, int height, int width);
  std::vector<float> encode_picture(const Image& picture);

 private:
  struct Batching {
    int batch, pass;
  };
  Batching batching(const DrawRequest& request) const;
  Plan plan_of(const DrawRequest& request) const;
  int latent_pixels(const DrawRequest& request) const;
  std::int64_t bytes_of(std::int64_t parameters) const;
  std::int64_t memory_with(const DrawRequest& request, int pass) const;
  std::int64_t memory_limit() const;
  void require_memory(const DrawRequest& request) const;
  void make_room_for_text_encoder();
  void encode_missing(std::vector<std::string> prompts);
  Tensor contexts_of(const DrawRequest& request, const DrawHooks& hooks);
  void note_dropped(const DrawRequest& request, const DrawHooks& hooks) const;

  const TextToImageOptions options_;
  const std::unique_ptr<Backend> backend_;
  LdmModel model_;
  const WordPiece tokenizer_;
  const Schedule schedule_;
  const ModelInfo info_;
  PromptCache cache_;
};

// Throws kUsage for what the sampler does not take.
Plan TextToImage::Impl::plan_of(const DrawRequest& request) const {
  return {schedule_,
          {.sampler = find_sampler(request.sampler),
           .steps = *request.steps,
           .parameterization = model_.config().parameterization,
           .eta = request.eta,
           .rule = model_.config().timestep_rule}};
}

int TextToImage::Impl::latent_pixels(const DrawRequest& request) const {
  return request.width / info_.latent_factor * (request.height / info_.latent_factor);
}

std::int64_t TextToImage::Impl::bytes_of(std::int64_t parameters) const {
  return parameters * backend_->facts().bytes_per_weight;
}

std::int64_t TextToImage::Impl::memory_with(const DrawRequest& request, int pass) const {
  const LdmConfig& config = model_.config();
  const LdmModel::Sizes& sizes = model_.sizes();
  const int pixels = latent_pixels(request);
  const int decoded = std::min(pass, decoder_pass(config, pixels));
  const int halves = request.scale == 1.0 ? 1 : 2;
  const std::int64_t text =
      bytes_of(sizes.text_encoder) + LdmActivations::text_encoder(config, halves);
  // The original's noise draws all pictures of a batch at once, whatever goes through in a pass.
  const bool together = request.noise == NoiseLayout::kOneGenerator;
  const int kept = together && request.batch == 0 ? request.count : std::max(pass, request.batch);
  const std::int64_t deep =
      request.deep_every > 1 ? LdmActivations::deep_levels(config, halves * kept, pixels) : 0;
  const std::int64_t drawing = bytes_of(sizes.unet + sizes.decoder) + deep +
                               std::max(LdmActivations::unet(config, halves * pass, pixels),
                                        LdmActivations::decoder(config, decoded, pixels));
  return kOverhead + (options_.keep_text_encoder ? text + drawing : std::max(text, drawing));
}

TextToImage::Impl::Batching TextToImage::Impl::batching(const DrawRequest& request) const {
  int pass = std::clamp(kPassPixels / latent_pixels(request), 1, kMaxPass);
  if (request.batch > 0) pass = std::min(pass, request.batch);
  const std::int64_t limit = memory_limit();
  while (pass > 1 && memory_with(request, pass) > limit) --pass;
  if (request.noise == NoiseLayout::kOneGenerator) {
    return {request.batch > 0 ? request.batch : request.count, pass};
  }
  // As few batches as need be, of sizes as even as can be.
  const int batches = (request.count + pass - 1) / pass;
  pass = (request.count + batches - 1) / batches;
  return {pass, pass};
}

std::int64_t TextToImage::Impl::memory_needed(const DrawRequest& request) const {
  const DrawRequest whole = checked(request);
  return memory_with(whole, batching(whole).pass);
}

std::int64_t TextToImage::Impl::memory_limit() const {
  if (options_.memory_limit > 0) return options_.memory_limit;
  const auto held = static_cast<std::int64_t>(backend_->arena().bytes_reserved());
  return backend_->available_memory() + bytes_of(model_.loaded()) + held;
}

void TextToImage::Impl::require_memory(const DrawRequest& request) const {
  const std::int64_t needed = memory_with(request, 1), limit = memory_limit();
  if (needed <= limit) return;
  fail(ErrorCode::kNoMemory,
       "drawing {}x{} with '{}' needs {} of memory ({} bytes), and {} are to be had ({} bytes): a "
       "smaller picture{} needs less",
       request.width, request.height, info_.name, gigabytes(needed), needed, gigabytes(limit),
       limit, options_.backend.precision == Precision::kF32 ? " or fp16 weights" : "");
}

void TextToImage::Impl::note_dropped(const DrawRequest& request, const DrawHooks& hooks) const {
  if (!hooks.on_note) return;
  for (const auto& [what, text] :
       {std::pair{"prompt", &request.prompt}, std::pair{"negative prompt", &request.negative}}) {
    const int dropped = tokenizer_.encode(*text, {.length = info_.tokens}).dropped;
    if (dropped == 0) continue;
    hooks.on_note(
        fmt::format("the {} is longer than the model reads: the last {} word pieces of "
                    "it are not used",
                    what, dropped));
  }
}

// An earlier request's networks make way for the text encoder where memory does not hold them all.
void TextToImage::Impl::make_room_for_text_encoder() {
  if (options_.keep_text_encoder) return;
  const auto held = static_cast<std::int64_t>(backend_->arena().bytes_reserved());
  const std::int64_t together =
      kOverhead + held + bytes_of(model_.loaded() + model_.sizes().text_encoder);
  if (together > memory_limit()) model_.release();
}

// Encodes what is not cached, all in one pass, and gives the text encoder back unless it is kept.
void TextToImage::Impl::encode_missing(std::vector<std::string> prompts) {
  std::erase_if(prompts, [&](const auto& prompt) { return cache_.find(prompt) != nullptr; });
  if (prompts.empty()) return;
  make_room_for_text_encoder();
  std::vector<std::int32_t> ids;
  for (const std::string& prompt : prompts) {
    const auto encoded = tokenizer_.encode(prompt, {.length = info_.tokens});
    ids.insert(ids.end(), encoded.ids.begin(), encoded.ids.end());
  }
  {
    const Tensor contexts = model_.text_encoder()(ids);  // [prompts, tokens, channels]
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      std::vector<float> mine(static_cast<std::size_t>(contexts.elements()) / prompts.size());
      backend_->download(pictures_of(ConstView(contexts), static_cast<std::int64_t>(i), 1),
                         Layout::kPixels, mine);
      cache_.put(prompts[i], std::move(mine));
    }
  }
  if (options_.keep_text_encoder) return;
  model_.release_text_encoder();
  backend_->arena().trim();
}

Tensor TextToImage::Impl::contexts_of(const DrawRequest& request, const DrawHooks& hooks) {
  std::vector<std::string> prompts;
  if (request.scale != 1.0) prompts.push_back(request.negative);
  prompts.push_back(request.prompt);
  std::vector<std::string> missing = prompts;
  if (missing.size() == 2 && missing[0] == missing[1]) missing.pop_back();
  encode_missing(std::move(missing));
  if (hooks.cancel != nullptr) hooks.cancel->check();

  const BertTextEncoderConfig& text = model_.config().text;
  Tensor contexts(backend_->arena(),
                  {static_cast<std::int64_t>(prompts.size()), text.tokens, text.channels});
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    backend_->upload(*cache_.find(prompts[i]), Layout::kPixels,
                     pictures_of(View(contexts), static_cast<std::int64_t>(i), 1));
  }
  return contexts;
}

std::vector<DrawnPicture> TextToImage::Impl::draw(const DrawRequest& asked,
                                                  const DrawHooks& hooks) {
  const DrawRequest request = checked_request(asked, info_);
  const Plan plan = plan_of(request);
  require_memory(request);
  if (hooks.cancel != nullptr) hooks.cancel->check();
  note_dropped(request, hooks);
  const Batching together = batching(request);
  const Tensor contexts = contexts_of(request, hooks);
  if (hooks.on_note && !plan.note().empty()) hooks.on_note(plan.note());
  load(hooks.cancel);
  const DrawParts parts{.backend = *backend_,
                        .config = model_.config(),
                        .plan = plan,
                        .unet = model_.unet(),
                        .decoder = model_.decoder(),
                        .contexts = contexts,
                        .batch = together.batch,
                        .pass = together.pass};
  return DrawRun(parts, request, hooks)();
}

void TextToImage::Impl::load(const CancelToken* cancel) {
  if (cancel != nullptr) cancel->check();
  if (options_.keep_text_encoder) model_.text_encoder();
  if (cancel != nullptr) cancel->check();
  model_.unet();
  if (cancel != nullptr) cancel->check();
  model_.decoder();
}

void TextToImage::Impl::release() {
  model_.release();
  backend_->arena().trim();
}

std::vector<float> TextToImage::Impl::encode_prompt(const std::string& prompt) {
  encode_missing({prompt});
  return *cache_.find(prompt);
}

std::vector<float> TextToImage::Impl::decode(std::span<const float> latents, int count, int height,
                                             int width) {
  const Tensor decoded = decode_latents(*backend_, model_.config(), model_.decoder(), latents,
                                        {count, height, width, model_.config().unet.in_channels});
  std::vector<float> values(static_cast<std::size_t>(decoded.elements()));
  to_nchw(*backend_, decoded, values);
  return values;
}

std::vector<float> TextToImage::Impl::encode_picture(const Image& picture) {
  if (picture.bits() != 8 || picture.channels() != 3) {
    fail(ErrorCode::kUsage, "the picture has {} channels of {} bits, wanted 3 of 8",
         picture.channels(), picture.bits());
  }
  check_side("the picture's width", picture.width(), info_);
  check_side("the picture's height", picture.height(), info_);
  std::vector<float> values(picture.samples8().size());
  std::ranges::transform(picture.samples8(), values.begin(), [](std::uint8_t sample) {
    return static_cast<float>(sample) / 127.5f - 1.0f;
  });
  Tensor x(backend_->arena(), {1, picture.height(), picture.width(), 3});
  backend_->upload(values, Layout::kPixels, x);
  const Tensor moments = model_.encoder()(x);  // [1, h, w, 2 C]
  const std::int64_t channels = moments.channels() / 2;
  std::vector<float> latent(static_cast<std::size_t>(moments.elements() / 2));
  to_nchw(*backend_, channels_of(ConstView(moments), 0, channels), latent);
  for (float& value : latent) value *= static_cast<float>(model_.config().scale_factor);
  return latent;
}

// Latents that vary from place to place as pictures' do: noise at two scales, of about the spread
// that guidance gives them.
LatentPreview TextToImage::Impl::fit_preview() {
  constexpr int kLatents = 8, kSide = 8, kPatch = 4;
  const auto channels = static_cast<int>(model_.config().unet.in_channels);
  std::vector<float> latents(static_cast<std::size_t>(kLatents * channels * kSide * kSide));
  TorchCpuRng rng(0);
  rng.normal(latents);
  std::vector<float> coarse(latents.size());
  rng.normal(coarse);
  for (std::size_t i = 0; i < latents.size(); ++i) {
    const std::size_t x = i % kSide, y = i / kSide % kSide, plane = i / (kSide * kSide);
    const std::size_t patch =
        plane * kSide * kSide + y / kPatch * kPatch * kSide + x / kPatch * kPatch;
    latents[i] = 0.5f * latents[i] + 1.2f * coarse[patch];
  }
  const Tensor decoded = decode_latents(*backend_, model_.config(), model_.decoder(), latents,
                                        {kLatents, kSide, kSide, channels});
  std::vector<float> pixels(static_cast<std::size_t>(decoded.elements()));
  backend_->download(decoded, Layout::kPixels, pixels);
  // The mean colour of the pixels that a latent's pixel stands for.
  const int factor = info_.latent_factor, side = kSide * factor;
  std::vector<float> samples, colours;
  for (int i = 0; i < kLatents * kSide * kSide; ++i) {
    const int x = i % kSide, y = i / kSide % kSide, picture = i / (kSide * kSide);
    for (int c = 0; c < channels; ++c) {
      samples.push_back(
          latents[static_cast<std::size_t>(((picture * channels + c) * kSide + y) * kSide + x)]);
    }
    for (int k = 0; k < 3; ++k) {
      float sum = 0;
      for (int p = 0; p < factor * factor; ++p) {
        const int row = (picture * side + y * factor + p / factor) * side + x * factor + p % factor;
        sum += std::clamp(pixels[static_cast<std::size_t>(row * 3 + k)], -1.0f, 1.0f);
      }
      colours.push_back(sum / static_cast<float>(factor * factor));
    }
  }
  return fit_latent_preview(samples, colours, channels);
}

TextToImage::TextToImage(const ModelLocation& location, const TextToImageOptions& options)
    : impl_(std::make_unique<Impl>(location, options)) {}
TextToImage::~TextToImage() = default;

const ModelInfo& TextToImage::info() const { return impl_->info(); }
const Backend& TextToImage::backend() const { return impl_->backend(); }
DrawRequest TextToImage::checked(const DrawRequest& request) const {
  return impl_->checked(request);
}
std::int64_t TextToImage::memory_needed(const DrawRequest& request) const {
  return impl_->memory_needed(request);
}
std::vector<DrawnPicture> TextToImage::draw(const DrawRequest& request, const DrawHooks& hooks) {
  return impl_->draw(request, hooks);
}
void TextToImage::load(const CancelToken* cancel) { impl_->load(cancel); }
void TextToImage::release() { impl_->release(); }
LatentPreview TextToImage::fit_preview() { return impl_->fit_preview(); }
std::vector<float> TextToImage::encode_prompt(const std::string& prompt) {
  return impl_->encode_prompt(prompt);
}
std::vector<float> TextToImage::decode(std::span<const float> latents, int count, int latent_height,
                                       int latent_width) {
  return impl_->decode(latents, count, latent_height, latent_width);
}
std::vector<float> TextToImage::encode_picture(const Image& picture) {
  return impl_->encode_picture(picture);
}

}  // namespace easel
