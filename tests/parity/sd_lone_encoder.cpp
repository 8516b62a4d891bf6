// Text encoders by themselves: what a fixture holds of tokens and of their insides.

#include <gtest/gtest.h>

#include <algorithm>

#include "models/clip_text_encoder.h"
#include "pipeline/drawing/model_files.h"
#include "prompt/prompt.h"
#include "sd_prompts.h"
#include "support/compare.h"
#include "support/tensors.h"
#include "weights/maps/stable_diffusion.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;
using testing::FixtureTensor;

// The vocabulary that ships; how a text is padded is the encoder's.
const ClipBpe& tokenizer_of(const SdTextConfig& text) {
  const fs::path file = fs::path(EASEL_SOURCE_DIR) / "models/clip/bpe_simple_vocab_16e6.txt.gz";
  static const ClipBpe with_end = ClipBpe::from_file(file, kOpenAi);
  static const ClipBpe with_zero = ClipBpe::from_file(file, {.open_clip = false, .pad_zero = true});
  return text.reading.padding == 0 ? with_zero : with_end;
}

// All layers that the file holds, those included that drawing does not read.
ClipTextEncoderConfig whole_network(const SdTextConfig& text) {
  ClipTextEncoderConfig network = text.network;
  network.depth += text.unread_layers;
  network.projection = 0;
  return network;
}

std::vector<ChunkedPrompt> chunked(const std::vector<std::string>& texts, const ClipBpe& tokenizer,
                                   const TextRules& rules) {
  std::vector<ChunkedPrompt> all;
  std::size_t most = 1;
  for (const std::string& text : texts) {
    all.push_back(chunk_text(text, tokenizer, {}, rules));
    most = std::max(most, all.back().chunks.size());
  }
  const PromptChunk empty = chunk_text("", tokenizer, {}, rules).chunks.front();
  for (ChunkedPrompt& prompt : all) prompt.chunks.resize(most, empty);
  return all;
}

/// [texts, 77 * chunks, channels]: a chunk of all texts after the other.
std::vector<float> encoded(Backend& backend, const ClipTextEncoder& network,
                           const std::vector<ChunkedPrompt>& texts, const LoneReading& reading) {
  const std::size_t chunks = texts.front().chunks.size();
  std::vector<float> all;
  std::size_t width = 0;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    std::vector<std::int32_t> ids;
    std::vector<float> weights;
    for (const ChunkedPrompt& text : texts) {
      const PromptChunk& mine = text.chunks[chunk];
      ids.insert(ids.end(), mine.ids.begin(), mine.ids.end());
      weights.insert(weights.end(), mine.weights.begin(), mine.weights.end());
    }
    const auto output = network(ids, {.skip = reading.skip, .final_norm = reading.final_norm});
    std::vector<float> rows = testing::values_of(backend, output.sequence);
    emphasize(rows, weights, reading.emphasis);
    width = rows.size() / texts.size();
    all.resize(texts.size() * chunks * width);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                  all.begin() + static_cast<std::ptrdiff_t>((i * chunks + chunk) * width));
    }
  }
  return all;
}

void compare(const SdFixture& fixture, const std::vector<std::string>& texts,
             const LoneReading& reading, PromptSyntax syntax, const FixtureTensor& wanted,
             const testing::BackendCase& which) {
  const SdConfig config = config_of(fixture);
  const SdTextConfig& text = config.texts.at(reading.encoder);
  DiffusionParts& parts = open_model(fixture, which);
  const ClipTextEncoder network({*parts.backend, Scope(*parts.weights) / text.scope},
                                whole_network(text));
  const auto prompts =
      chunked(texts, tokenizer_of(text), {.syntax = syntax, .emphasis = reading.emphasis});
  EXPECT_LE(
      testing::relative_rms(encoded(*parts.backend, network, prompts, reading), wanted.values),
      fixture.expected.tolerance("network"));
}

}  // namespace

SdConfig config_of(const SdFixture& fixture) {
  const ModelFiles files = fixture.files();
  SdConfig config = sd_config_from_shapes(with_stable_diffusion_names(files.weights));
  if (files.weights.format() == WeightsFormat::kHuggingFaceFolder) {
    read_sd_folder(files.location.path, config);
  } else if (const auto file = find_config(files.location)) {
    read_sd_yaml(*file, config);
  }
  return config;
}

void compare_tokens(const SdFixture& fixture) {
  const SdConfig config = config_of(fixture);
  const std::vector<std::string> prompts = fixture.networks->texts("prompts");
  for (std::size_t i = 0; i < config.texts.size(); ++i) {
    const std::string name = config.texts.size() == 1 ? "tokens" : i == 0 ? "tokens.l" : "tokens.g";
    const FixtureTensor& wanted = fixture.networks->at(name);
    ASSERT_EQ(wanted.shape[0], std::ssize(prompts));
    const auto length = static_cast<int>(wanted.shape[1]);
    std::vector<float> ids;
    for (const std::string& prompt : prompts) {
      const auto mine = tokenizer_of(config.texts[i]).encode(prompt, {.length = length}).ids;
      ids.insert(ids.end(), mine.begin(), mine.end());
    }
    EXPECT_EQ(ids, wanted.values) << name;
  }
}

void compare_conditioner(const SdFixture& fixture, const std::vector<std::string>& texts,
                         const LoneReading& reading, const FixtureTensor& wanted,
                         const testing::BackendCase& which) {
  compare(fixture, texts, reading, PromptSyntax::kA1111, wanted, which);
}

void compare_lone_encoder(const SdFixture& fixture, const LoneReading& reading,
                          const std::string& name, const testing::BackendCase& which) {
  compare(fixture, fixture.networks->texts("prompts"), reading, PromptSyntax::kPlain,
          fixture.networks->at(name), which);
}

}  // namespace easel::parity
