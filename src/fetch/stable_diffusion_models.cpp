#include "fetch/stable_diffusion_models.h"

#include <string>

namespace easel::fetch {
namespace {

constexpr std::int64_t kMB = 1'000'000;
constexpr std::int64_t kCompanionFile = 4 * kMB;  // vocabularies and configurations

const Licence kOpenRailM{
    .name = "CreativeML Open RAIL-M",
    .url = "https://huggingface.co/spaces/CompVis/stable-diffusion-license",
    .gist =
        "pictures are yours, also to sell; the uses listed in its attachment A (harm, "
        "deception, discrimination and others) are forbidden, to you and to whom you pass the "
        "model on."};
const Licence kOpenRailPlusPlus{
    .name = "CreativeML Open RAIL++-M",
    .url = "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
    .gist =
        "pictures are yours, also to sell; the uses listed in its attachment A (harm, "
        "deception, discrimination and others) are forbidden, to you and to whom you pass the "
        "model on."};
const Licence kStability{
    .name = "Stability AI's licence for its Turbo models",
    .url = "https://huggingface.co/stabilityai/sd-turbo/blob/main/LICENSE.md",
    .gist =
        "free for research and non-commercial use; what commerce may do, and from which "
        "revenue on it must pay, is in its text."};

std::string at_hugging_face(const std::string& repository, const std::string& path) {
  return "https://huggingface.co/" + repository + "/resolve/main/" + path;
}

// A file whose size and checksum the server says; `most`: about its published size.
RemoteFile unpublished(const std::string& repository, const std::string& path, std::int64_t most) {
  return {.url = at_hugging_face(repository, path), .path = path, .max_bytes = most};
}

RemoteFile renamed(RemoteFile file, const std::string& path) {
  file.path = path;
  return file;
}

std::vector<RemoteFile> consistency_files() {
  const std::string repository = "SimianLuo/LCM_Dreamshaper_v7";
  std::vector<RemoteFile> files;
  for (const char* small :
       {"model_index.json", "scheduler/scheduler_config.json", "text_encoder/config.json",
        "unet/config.json", "vae/config.json", "tokenizer/vocab.json", "tokenizer/merges.txt",
        "tokenizer/special_tokens_map.json", "tokenizer/tokenizer_config.json"}) {
    files.push_back(unpublished(repository, small, kCompanionFile));
  }
  files.push_back(unpublished(repository, "vae/diffusion_pytorch_model.safetensors", 340 * kMB));
  files.push_back(unpublished(repository, "text_encoder/model.safetensors", 500 * kMB));
  files.push_back(unpublished(repository, "unet/diffusion_pytorch_model.safetensors", 3500 * kMB));
  return files;
}

std::vector<RemoteModel> first_generation() {
  return {
      {.name = "sd-1.4",
       .summary = "Stable Diffusion 1.4, 512x512",
       .licence = kOpenRailM,
       .files = {{.url = at_hugging_face("CompVis/stable-diffusion-v-1-4-original", "sd-v1-4.ckpt"),
                  .path = "sd-v1-4.ckpt",
                  .bytes = 4'265'380'512,
                  .sha256 = "fe4efff1e174c627256e44ec2991ba279b3816e364b49f9be2abc0b3ff3f8556"}}},
      {.name = "sd-1.5",
       .summary = "Stable Diffusion 1.5, 512x512",
       .licence = kOpenRailM,
       .files = {{.url = at_hugging_face("stable-diffusion-v1-5/stable-diffusion-v1-5",
                                         "v1-5-pruned-emaonly.safetensors"),
                  .path = "v1-5-pruned-emaonly.safetensors",
                  .bytes = 4'265'146'304,
                  .sha256 = "6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa"}}},
      {.name = "sd-1.5-inpainting",
       .summary = "Stable Diffusion 1.5 for repainting parts of pictures, 512x512",
       .licence = kOpenRailM,
       .kind = RemoteKind::kEditor,
       .files = {unpublished("stable-diffusion-v1-5/stable-diffusion-inpainting",
                             "sd-v1-5-inpainting.ckpt", 4'300 * kMB)}},
      {.name = "lcm-dreamshaper-7",
       .summary = "a latent consistency model of the first generation, 4 steps, 768x768",
       .licence = kOpenRailM,
       .files = consistency_files()},
  };
}

std::vector<RemoteModel> later_generations() {
  return {
      {.name = "sd-2.1",
       .summary = "Stable Diffusion 2.1 base, 512x512",
       .licence = kOpenRailPlusPlus,
       .files = {unpublished("stabilityai/stable-diffusion-2-1-base",
                             "v2-1_512-ema-pruned.safetensors", 5'300 * kMB)}},
      {.name = "sd-2.1-768",
       .summary = "Stable Diffusion 2.1, 768x768, predicts v",
       .licence = kOpenRailPlusPlus,
       .files = {unpublished("stabilityai/stable-diffusion-2-1", "v2-1_768-ema-pruned.safetensors",
                             5'300 * kMB)}},
      {.name = "sd-turbo",
       .summary = "Stable Diffusion Turbo, 1 to 4 steps, 512x512",
       .licence = kStability,
       .files = {unpublished("stabilityai/sd-turbo", "sd_turbo.safetensors", 5'300 * kMB)}},
      {.name = "sdxl-base",
       .summary = "Stable Diffusion XL 1.0, 1024x1024",
       .licence = kOpenRailPlusPlus,
       .files = {{.url = at_hugging_face("stabilityai/stable-diffusion-xl-base-1.0",
                                         "sd_xl_base_1.0.safetensors"),
                  .path = "sd_xl_base_1.0.safetensors",
                  .bytes = 6'938'078'334,
                  .sha256 = "31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b"}}},
      {.name = "sdxl-turbo",
       .summary = "Stable Diffusion XL Turbo, 1 to 4 steps, 512x512",
       .licence = kStability,
       .files = {unpublished("stabilityai/sdxl-turbo", "sd_xl_turbo_1.0_fp16.safetensors",
                             7'000 * kMB)}},
  };
}

std::vector<RemoteModel> companions() {
  return {
      {.name = "taesd",
       .summary = "TAESD's decoder for generations 1 and 2: a fast autoencoder, and previews",
       .licence = {},  // MIT: nothing to agree to
       .kind = RemoteKind::kAutoencoder,
       .files = {unpublished("madebyollin/taesd", "taesd_decoder.safetensors", 6 * kMB)}},
      {.name = "lcm-lora-sdv1-5",
       .summary = "a LoRA that makes a latent consistency model of one of the first generation",
       .licence = kOpenRailPlusPlus,
       .kind = RemoteKind::kLora,
       .files = {renamed(unpublished("latent-consistency/lcm-lora-sdv1-5",
                                     "pytorch_lora_weights.safetensors", 140 * kMB),
                         "lcm-lora-sdv1-5.safetensors")}},
  };
}

}  // namespace

std::vector<RemoteModel> stable_diffusion_models() {
  std::vector<RemoteModel> all;
  for (const auto& some : {first_generation(), later_generations(), companions()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace easel::fetch
