#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/registry.h"
#include "core/cancel.h"
#include "diffusion/noise.h"
#include "image/image.h"
#include "pipeline/draw_defaults.h"
#include "pipeline/latent_preview.h"
#include "recipe/recipe.h"

namespace easel {

/// Where a text-to-image model lies.
struct ModelLocation {
  /// A checkpoint file, a folder that holds one (with config.yaml and vocab.txt beside it), or a
  /// folder in the Hugging Face layout.
  std::filesystem::path path;
  /// Instead of the config.yaml beside the checkpoint.
  std::optional<std::filesystem::path> config;
  /// Instead of the vocab.txt beside the checkpoint.
  std::optional<std::filesystem::path> vocab;
  /// Folders of installed models, one folder a model; searched for a vocabulary of the right size
  /// when none lies beside the checkpoint.
  std::vector<std::filesystem::path> installed;
};

struct TextToImageOptions {
  BackendOptions backend;
  /// Keep the text encoder's weights after use. A server does, one picture does not: without it
  /// the peak is max(text encoder, UNet + decoder).
  bool keep_text_encoder = false;
  /// Bytes that weights and activations may take; 0: what the system says is available.
  std::int64_t memory_limit = 0;
  /// Encodings of prompts kept for the next request (the empty prompt's always is).
  int cached_prompts = 64;
};

/// What is known about a model once its directory and configuration are read; no weights are.
struct ModelInfo {
  std::string family;  ///< "latent-diffusion text-to-image"
  std::string name;    ///< the file's or folder's name, for a picture's settings
  int native_width = 0;
  int native_height = 0;
  int size_multiple = 0;  ///< width and height are multiples of this
  int max_side = 0;
  int latent_channels = 0;
  int latent_factor = 0;         ///< pixels a latent's side
  int tokens = 0;                ///< length of a prompt, [CLS] and [SEP] included
  int schedule_steps = 0;        ///< most steps a sampler can take
  std::string parameterization;  ///< "eps", "x0" or "v"
  DrawDefaults defaults;         ///< where a request says nothing
  std::int64_t parameters = 0;
  /// Facts worth telling a person, a line each ("no configuration: assuming 8 heads, …").
  std::vector<std::string> notes;
};

/// How the random numbers of a run are laid out.
enum class NoiseLayout {
  /// Picture k has a generator of its own, seeded seed + k: it does not depend on its neighbours.
  kPerPicture,
  /// As latent-diffusion's txt2img.py after torch.manual_seed(seed): one generator for the whole
  /// run, the start noise of a batch of `batch` pictures drawn as one tensor, and one more draw of
  /// that shape at every DDIM or PLMS update (two at PLMS's first), also when eta is 0.
  kOneGenerator,
};

/// One run: `count` pictures of one prompt.
struct DrawRequest {
  std::string prompt;
  std::string negative;      ///< in the place of the empty prompt
  bool allow_empty = false;  ///< an empty prompt is an error unless said to be meant
  // What is absent or empty here is the model's default.
  std::optional<int> steps;
  std::string sampler;          ///< names: see samplers() in diffusion/samplers.h
  std::optional<double> scale;  ///< guidance; 1 leaves the unconditional half out
  GuidanceInterval guidance_interval;
  /// DeepCache: the UNet's deep levels are computed at every Nth step only (0, N, 2N, …) and
  /// their output is used again in between; 1: at every step.
  int deep_every = 1;
  std::optional<double> eta;  ///< fresh noise at each step; absent: the sampler's own
  std::uint64_t seed = 0;
  std::string rng = "torch-cpu";
  int width = 0;  ///< pixels; 0: the native size
  int height = 0;
  int count = 1;
  /// Pictures that go through the network together; 0: as many as memory and speed suggest. The
  /// pictures do not depend on it, except where kOneGenerator draws noise by the batch.
  int batch = 0;
  NoiseLayout noise = NoiseLayout::kPerPicture;
  std::optional<Variation> variation;
  bool keep_latents = false;  ///< return each picture's latent and its decoded floats
};

/// After each step of a batch.
struct DrawStep {
  int step = 0;  ///< steps done, 1 … steps
  int steps = 0;
  int first_picture = 0;  ///< of this batch, counted from 0 over the request
  int pictures = 0;
  int count = 0;       ///< pictures of the request
  double seconds = 0;  ///< since draw() began
  /// Share of the UNet's operations so far that was computed; the rest was left out by
  /// `guidance_interval` and `deep_every`.
  double computed = 1;
  /// The latents [pictures, C, h, w] after this step, in the sampler's scaling.
  std::span<const float> latents;
  /// What the finished latents look like from here, for previews; shaped alike.
  std::span<const float> estimate;
  int latent_width = 0;
  int latent_height = 0;
};

struct DrawnPicture {
  int index = 0;  ///< in the request
  std::uint64_t seed = 0;
  Image image;  ///< 8-bit RGB: trunc(255 clamp((x + 1) / 2)), as the original
  /// With keep_latents: [C, h, w] before the division by the scale factor, and the decoder's
  /// output [3, H, W] in about [-1, 1], unclamped.
  std::vector<float> latent;
  std::vector<float> decoded;
};

/// All optional. Called on draw()'s thread; on_step may call decode() and fit_preview().
struct DrawHooks {
  /// The start noise of each batch, as step 0: `latents` and `estimate` are the noise itself.
  std::function<void(const DrawStep&)> on_noise;
  std::function<void(const DrawStep&)> on_step;
  /// Takes each picture as soon as it is decoded; draw() then returns an empty vector.
  std::function<void(DrawnPicture)> on_picture;
  /// Things to tell a person about this run ("timestep 1000 does not exist: 999 used").
  std::function<void(const std::string&)> on_note;
  /// In the place of the request's generators: draws each batch's start noise [batch, C, h, w],
  /// then what its steps need (tests; other programs' noise).
  NoiseSource* noise = nullptr;
  /// Looked at before every pass through a network; draw() then throws kCancelled.
  const CancelToken* cancel = nullptr;
};

/// Text-to-image with a latent-diffusion model. Weights are read when first needed, part after
/// part; what is read stays until release() (but see keep_text_encoder).
///
/// Same request, same machine: the same bytes, for any number of threads, any batch and any
/// history of earlier requests.
///
/// Thread rule: one call at a time.
class TextToImage {
 public:
  /// Reads the model's directory and configuration. Throws kNotFound, kInvalidFile, kWrongModel
  /// (with what the file is and what would work), kUnsupported, kIo.
  TextToImage(const ModelLocation& location, const TextToImageOptions& options);
  ~TextToImage();
  TextToImage(const TextToImage&) = delete;
  TextToImage& operator=(const TextToImage&) = delete;

  const ModelInfo& info() const;
  const Backend& backend() const;

  /// The request with what it leaves to the model filled in. Throws kUsage with what was wrong and
  /// what would work. Cheap; draw() does it too.
  DrawRequest checked(const DrawRequest& request) const;

  /// Bytes that drawing the request takes at its peak, weights not yet loaded included.
  std::int64_t memory_needed(const DrawRequest& request) const;

  /// Draws. Throws what checked() does, kNoMemory before any weight is read, kCancelled, and what
  /// reading weights throws.
  std::vector<DrawnPicture> draw(const DrawRequest& request, const DrawHooks& hooks = {});

  /// Reads every weight that drawing needs (a server's warm start).
  void load(const CancelToken* cancel = nullptr);
  /// Gives all weights and working memory back; the next draw() reads them again.
  void release();

  /// The linear map from this model's latents to colours, fitted by least squares to its own
  /// decoder on a set of made-up latents. Reads the decoder; takes a second or so: keep the result.
  LatentPreview fit_preview();

  /// The encoding of a prompt [tokens, context], as the UNet gets it.
  std::vector<float> encode_prompt(const std::string& prompt);
  /// Decodes latents [count, C, h, w] to floats [count, 3, H, W].
  std::vector<float> decode(std::span<const float> latents, int count, int latent_height,
                            int latent_width);
  /// Encodes an 8-bit RGB picture to the mean of its latent [C, h, w], scaled as the UNet sees it.
  /// Throws kWrongModel when the file has no encoder, kUsage when the sides do not fit.
  std::vector<float> encode_picture(const Image& picture);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace easel
