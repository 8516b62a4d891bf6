#include "fetch/catalogue.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/json.h"
#include "fetch/stable_diffusion_models.h"

namespace easel::fetch {
namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kGiB = kKiB * kKiB * kKiB;
constexpr std::int64_t kSmallFile = 64 * kKiB;

// The commit pins the files' content; sizes and digests are those that Hugging Face publishes.
const std::string kHuggingFace = std::string(kHuggingFaceHost) +
                                 "/CompVis/ldm-text2im-large-256/resolve/"
                                 "30de525ca11a880baea4962827fb6cb0bb268955/";
constexpr const char* kOriginal =
    "https://ommer-lab.com/files/latent-diffusion/nitro/txt2img-f8-large/model.ckpt";
constexpr const char* kVocabularySha256 =
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3";

RemoteFile vocabulary(const std::string& path) {
  return {.url = kHuggingFace + "tokenizer/vocab.txt",
          .path = path,
          .bytes = 231'508,
          .sha256 = kVocabularySha256};
}

RemoteFile small(const std::string& path) {
  return {.url = kHuggingFace + path, .path = path, .max_bytes = kSmallFile};
}

RemoteFile large(const std::string& path, std::int64_t bytes, const char* sha256) {
  return {.url = kHuggingFace + path, .path = path, .bytes = bytes, .sha256 = sha256};
}

std::vector<RemoteModel> make_builtin() {
  return {
      {.name = "ldm-text2img-large",
       .summary = "latent-diffusion's text-to-image model, 1.45 billion parameters, 256x256",
       .files = {small("model_index.json"), small("scheduler/scheduler_config.json"),
                 small("bert/config.json"), small("unet/config.json"), small("vqvae/config.json"),
                 small("tokenizer/tokenizer_config.json"),
                 small("tokenizer/special_tokens_map.json"), vocabulary("tokenizer/vocab.txt"),
                 large("vqvae/diffusion_pytorch_model.bin", 334'707'217,
                       "1b134cded8eb78b184aefb8805b6b572f36fa77b255c483665dda931fa0130c5"),
                 large("bert/pytorch_model.bin", 2'328'106'869,
                       "0f946e73c5df896feef89add8becc37f92ddf4359d816d0b3c4825f28d008bd1"),
                 large("unet/diffusion_pytorch_model.bin", 3'489'472'805,
                       "61459453cb8e411842ff1c109da94129f94349d46e579dbec303449aa74f07bf")},
       .original_files = {vocabulary("vocab.txt"),
                          {.url = kOriginal, .path = "model.ckpt", .max_bytes = 6 * kGiB}}},
      {.name = "bert-base-uncased",
       .summary = "the vocabulary that latent-diffusion's own checkpoints need",
       .files = {vocabulary("vocab.txt")},
       .original_files = {}},
  };
}

RemoteKind kind_named(const std::string& name) {
  if (name == "model") return RemoteKind::kModel;
  if (name == "editor") return RemoteKind::kEditor;
  if (name == "autoencoder") return RemoteKind::kAutoencoder;
  if (name == "lora") return RemoteKind::kLora;
  fail(ErrorCode::kInvalidFile, "a kind of model '{}', wanted model, editor, autoencoder or lora",
       name);
}

Licence parse_licence(const Json& item) {
  if (!item.contains("licence")) return {};
  const Json& licence = item.at("licence");
  return {.name = licence.at("name").text(),
          .url = licence.value("url", ""),
          .gist = licence.value("gist", "")};
}

void check_path(const std::string& path) {
  const std::filesystem::path parts(path);
  const bool inside =
      !path.empty() && parts.is_relative() && !parts.filename().empty() &&
      std::none_of(parts.begin(), parts.end(), [](const auto& p) { return p == ".." || p == "."; });
  if (!inside) fail(ErrorCode::kInvalidFile, "a catalogue's path '{}' leaves its folder", path);
}

std::vector<RemoteFile> parse_files(const Json& list) {
  std::vector<RemoteFile> files;
  for (const Json& item : list) {
    RemoteFile file{.url = item.at("url").text(),
                    .path = item.at("path").text(),
                    .bytes = item.value("bytes", std::int64_t{0}),
                    .sha256 = item.value("sha256", ""),
                    .max_bytes = item.value("max_bytes", kSmallFile)};
    check_path(file.path);
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

const std::vector<RemoteModel>& builtin_catalogue() {
  static const std::vector<RemoteModel> catalogue = [] {
    std::vector<RemoteModel> all = make_builtin();
    for (RemoteModel& model : stable_diffusion_models()) all.push_back(std::move(model));
    return all;
  }();
  return catalogue;
}

std::vector<RemoteModel> parse_catalogue(std::string_view json) {
  try {
    std::vector<RemoteModel> models;
    for (const Json& item : Json::parse(json)) {
      models.push_back(
          {.name = item.at("name").text(),
           .summary = item.value("summary", ""),
           .licence = parse_licence(item),
           .kind = kind_named(item.value("kind", "model")),
           .files = parse_files(item.at("files")),
           .original_files = parse_files(item.value("original_files", Json::array()))});
      check_path(models.back().name);
    }
    return models;
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidFile, "the catalogue is not understood: {}", error.what());
  }
}

}  // namespace easel::fetch
