// The full-size model, from its names and shapes: made-up values, computed only where they are
// read, so that building it to check every shape takes neither disk nor memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>

#include "models.h"
#include "pipeline/diffusing/diffusion_model.h"
#include "pipeline/families/ldm/ldm_family.h"
#include "support/errors.h"
#include "tokenizers/wordpiece.h"
#include "weights/random_weights.h"

namespace easel {
namespace {

class LdmLarge : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto file = testing::fixture("ldm-large-keys.tsv");
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t tab = line.find('\t');
      std::vector<std::int64_t> dims;
      std::stringstream sizes(line.substr(tab + 1));
      for (std::string size; std::getline(sizes, size, ',');) dims.push_back(std::stoll(size));
      shapes_.push_back({line.substr(0, tab), Shape(dims)});
    }
  }
  Weights weights() const { return make_random_weights(shapes_, 1); }

  // Without a tokenizer: it is for words only.
  DiffusionParts parts(const LdmConfig& config, const BackendOptions& backend = {.threads = 1}) {
    return make_ldm_parts({.weights = std::make_unique<const Weights>(weights()),
                           .config = config,
                           .find_tokenizer = [] { return nullptr; }},
                          make_backend(backend), 1);
  }

  std::vector<NamedShape> shapes_;
};

TEST_F(LdmLarge, BuildsFromItsNamesAndShapes) {
  ASSERT_EQ(shapes_.size(), 1368u);
  const DiffusionParts large = parts(read_ldm_config(testing::fixture("ldm-large.yaml")));
  EXPECT_EQ(large.unet->parameters(), 872'300'484);
  EXPECT_EQ(large.prompts->parameters(), 581'994'042 - 39'098'682);
  EXPECT_EQ(large.codec->parameters() + large.codec->other_parameters(), 83'653'863);
  EXPECT_EQ(large.codec->facts().channels, 4);
  EXPECT_EQ(large.codec->facts().factor, 8);
}

TEST_F(LdmLarge, IsReadOffItsShapesWithoutAConfiguration) {
  const Weights random = weights();
  EXPECT_EQ(static_cast<int>(recognise(random).use), static_cast<int>(ModelUse::kTextToImage));
  const LdmConfig shapes = ldm_config_from_shapes(random);
  const LdmConfig yaml = read_ldm_config(testing::fixture("ldm-large.yaml"));
  EXPECT_EQ(shapes.unet.channel_mult, yaml.unet.channel_mult);
  EXPECT_EQ(shapes.unet.model_channels, yaml.unet.model_channels);
  EXPECT_EQ(shapes.unet.num_res_blocks, yaml.unet.num_res_blocks);
  EXPECT_EQ(shapes.unet.context_channels, yaml.unet.context_channels);
  EXPECT_EQ(shapes.unet.depths_of_blocks(), yaml.unet.depths_of_blocks());
  EXPECT_EQ(shapes.autoencoder.channel_mult, yaml.autoencoder.channel_mult);
  EXPECT_EQ(shapes.autoencoder.channels, yaml.autoencoder.channels);
  EXPECT_EQ(shapes.autoencoder.num_res_blocks, yaml.autoencoder.num_res_blocks);
  EXPECT_EQ(shapes.text.depth, yaml.text.depth);
  EXPECT_EQ(shapes.text.channels, yaml.text.channels);
  EXPECT_EQ(shapes.text.tokens, yaml.text.tokens);
  EXPECT_NO_THROW(parts(shapes));
}

TEST_F(LdmLarge, OneTensorTooFewTooManyOrMisshapenIsNamed) {
  const LdmConfig config = read_ldm_config(testing::fixture("ldm-large.yaml"));
  const std::string key =
      "model.diffusion_model.output_blocks.5.1.transformer_blocks.0.attn2.to_k.weight";
  const auto refusal = [&] {
    return testing::message_of(ErrorCode::kWrongModel, [&] { parts(config); });
  };
  const auto it = std::ranges::find(shapes_, key, &NamedShape::name);
  ASSERT_NE(it, shapes_.end());
  const NamedShape original = *it;
  it->shape = {1280, 768};
  EXPECT_THAT(refusal(),
              ::testing::AllOf(::testing::HasSubstr(key), ::testing::HasSubstr("[1280, 768]"),
                               ::testing::HasSubstr("[1280, 1280]")));
  shapes_.erase(it);
  EXPECT_THAT(refusal(), ::testing::HasSubstr(key));
  shapes_.push_back(original);
  shapes_.push_back({"model.diffusion_model.label_emb.weight", {10, 10}});
  EXPECT_THAT(refusal(), ::testing::HasSubstr("model.diffusion_model.label_emb.weight"));
}

// Minutes and gigabytes: ./test --large runs it.
TEST_F(LdmLarge, DISABLED_DrawsAPictureWithMadeUpWeights) {
  const LdmConfig config = read_ldm_config(testing::fixture("ldm-large.yaml"));
  DiffusionParts large =
      make_ldm_parts({.weights = std::make_unique<const Weights>(weights()),
                      .config = config,
                      .find_tokenizer =
                          [] {
                            return std::make_unique<const WordPiece>(
                                WordPiece::from_file(testing::mini_vocabulary()));
                          }},
                     make_backend({}), 1);
  large.info = {.native_width = 256,
                .native_height = 256,
                .size_multiple = 32,
                .max_side = 256,
                .latent_channels = 4,
                .latent_factor = 8};
  DiffusionModel model(std::move(large), {});
  double last = 0;
  const DrawHooks hooks{.on_step = [&](const DrawStep& step) {
    std::cout << fmt::format("step {}: {:.2f} s\n", step.step, step.seconds - last);
    last = step.seconds;
  }};
  const testing::Asked asked = testing::asked("a cat", {.steps = 2, .sampler = "ddim"});
  const auto pictures = model.draw(asked.recipe, {.keep_latents = true}, hooks);
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(pictures[0].image.width(), 256);
  EXPECT_TRUE(std::ranges::all_of(pictures[0].decoded, [](float v) { return std::isfinite(v); }));
}

}  // namespace
}  // namespace easel
