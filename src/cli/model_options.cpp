#include "cli/model_options.h"

#include <random>

#include "cli/lora_options.h"
#include "cli/option_checks.h"
#include "core/error.h"
#include "core/thread_pool.h"
#include "recipe/forms.h"

namespace easel::cli {

namespace {

void add_thread_options(CLI::App& app, ModelOptions& options) {
  const char* group = "Model";
  app.add_option("-t,--threads", options.threads,
                 "Threads [all]; the pictures are the same for any number")
      ->check(whole_number(1, 1024))
      ->type_name("N")
      ->group(group);
  app.add_flag("--pin", options.pin,
               "Keep each thread on a core of its own: steadier times where nobody else computes "
               "[off: the system moves them]")
      ->group(group);
  app.add_option(
         "--backend", options.backend,
         "cpu; onednn (bfloat16: faster where the processor multiplies it, rounds more); or "
         "reference (plain loops, slow) [cpu]")
      ->check(CLI::IsMember({"cpu", "onednn", "reference"}).description(""))
      ->type_name("B")
      ->group(group);
}

void add_model_precision(CLI::App& app, ModelOptions& options) {
  app.add_option(
         "--precision", options.precision,
         "How weights are kept in memory: fp32, fp16 for half the size, or q8, the matrices "
         "of text encoder and denoiser in 8 bits [fp32]")
      ->check(CLI::IsMember({"fp32", "fp16", "q8"}).description(""))
      ->type_name("P")
      ->group("Model");
}

}  // namespace

void add_model_options(CLI::App& app, ModelOptions& options) {
  const char* group = "Model";
  app.add_option("-m,--model", options.model,
                 "A checkpoint, a folder, or an installed model's name (easel models)")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--config", options.config, "Its config.yaml, if not beside it")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--vocab", options.vocab, "Its vocab.txt, if not beside it")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--vae", options.vae,
                 "Stable Diffusion: another autoencoder (a VAE's file, or TAESD's decoder: faster)")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--lora", options.loras,
                 "Stable Diffusion: a LoRA and how much it counts, in the denoiser and in the text "
                 "encoder [1]; may be repeated")
      ->type_name("FILE[:X[:Y]]")
      ->delimiter(',')
      ->take_all()
      ->group(group);
  app.add_option("--embedding", options.embeddings,
                 "Stable Diffusion: a textual inversion that the prompt names; those in the data "
                 "folder's embeddings/ are there by themselves; may be repeated")
      ->type_name("FILE")
      ->take_all()
      ->group(group);
  app.add_option(
         "--prediction", options.prediction,
         "Stable Diffusion: what the model predicts, eps or v, where its file says it wrong")
      ->check(CLI::IsMember({"eps", "v"}).description(""))
      ->type_name("P")
      ->group(group);
  add_model_precision(app, options);
  add_thread_options(app, options);
}

void add_backend_options(CLI::App& app, ModelOptions& options) {
  app.add_option("--precision", options.precision,
                 "How weights are kept in memory: fp32, or fp16 for half the size [fp32]")
      ->check(CLI::IsMember({"fp32", "fp16"}).description(""))
      ->type_name("P")
      ->group("Model");
  add_thread_options(app, options);
}

ModelLocation location_of(const ModelOptions& options, const Places& places,
                          const std::string& program) {
  ModelLocation location{.path = options.model.empty() ? default_model(places)
                                                       : find_model(places, options.model, program),
                         .config = {},
                         .vocab = {},
                         .installed = places.model_folders()};
  if (!options.config.empty()) location.config = options.config;
  if (!options.vocab.empty()) location.vocab = options.vocab;
  if (!options.vae.empty()) location.autoencoder = options.vae;
  if (!options.prediction.empty()) location.prediction = parameterization_named(options.prediction);
  location.embeddings.assign(options.embeddings.begin(), options.embeddings.end());
  const std::filesystem::path folder = places.data / "embeddings";
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) location.embeddings.push_back(folder);
  for (const std::string& lora : options.loras) {
    location.loras.push_back(lora_of(lora, places));
  }
  return location;
}

namespace {

std::vector<int> cores_for(int threads) {
  if (threads == 0) threads = ThreadPool::available_threads();
  std::vector<int> cores = ThreadPool::allowed_cores();
  if (cores.size() < static_cast<std::size_t>(threads))
    fail(ErrorCode::kUsage,
         "--pin gives each thread a core of its own, and {} threads were asked for where {} core{} "
         "may be used: fewer --threads, or no --pin",
         threads, cores.size(), cores.size() == 1 ? "" : "s");
  cores.resize(static_cast<std::size_t>(threads));
  return cores;
}

}  // namespace

DrawingOptions engine_options(const ModelOptions& options) {
  DrawingOptions engine;
  engine.backend.name = options.backend;
  engine.backend.threads = options.threads;
  if (options.pin) {
    engine.backend.cpu.cores = cores_for(options.threads);
    engine.backend.threads = static_cast<int>(engine.backend.cpu.cores.size());
  }
  engine.backend.precision = options.precision == "fp16" ? Precision::kF16 : Precision::kF32;
  engine.eight_bits = options.precision == "q8";
  return engine;
}

std::string command_again(Recipe recipe, const ModelOptions& options, const std::string& program,
                          std::vector<std::string> more) {
  recipe.model.name = options.model;
  if (!options.upscaler.empty()) recipe.enlarging.upscaler = options.upscaler;
  if (!options.config.empty()) more.insert(more.end(), {"--config", options.config});
  if (!options.vocab.empty()) more.insert(more.end(), {"--vocab", options.vocab});
  if (!options.vae.empty()) more.insert(more.end(), {"--vae", options.vae});
  for (const std::string& file : options.embeddings) more.insert(more.end(), {"--embedding", file});
  if (!options.prediction.empty()) more.insert(more.end(), {"--prediction", options.prediction});
  return command_of(recipe, program, more);
}

std::uint64_t random_seed() {
  std::random_device device;
  return device();
}

}  // namespace easel::cli
