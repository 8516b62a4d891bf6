// Finding a model's parts, its configuration and its vocabulary; refusing what is something else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models.h"
#include "support/errors.h"
#include "support/temporary_folder.h"
#include "weights/formats/safetensors_writer.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::TemporaryFolder;

class OpenModel : public ::testing::Test {
 protected:
  static testing::TestModel open(const ModelLocation& location) {
    return {location, {.backend = testing::options_of(testing::usual_backend())}};
  }
  static DrawnPicture draw(const ModelLocation& location) {
    testing::Asked asked = testing::asked("a cat", {.steps = 3, .sampler = "ddim"}, 3);
    asked.which.keep_latents = true;
    return open(location).draw(asked).at(0);
  }
  static int mini_vocabulary_size() {
    return static_cast<int>(
        std::ranges::count(testing::read_text(testing::mini_vocabulary()), '\n'));
  }
  static std::string config_text() {
    return testing::read_text(testing::fixture("ldm-mini/config.yaml"));
  }
  static std::string with(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("not in the text: " + from);
    return text.replace(at, from.size(), to);
  }
  // ldm-mini's checkpoint with another configuration beside it.
  static void fill(const TemporaryFolder& folder, const std::string& config) {
    folder.link(testing::ldm_mini(), "model.ckpt");
    folder.link(testing::mini_vocabulary(), "vocab.txt");
    if (!config.empty()) folder.write("config.yaml", config);
  }
  static std::string refusal(ErrorCode code, const std::string& config) {
    const TemporaryFolder folder;
    fill(folder, config);
    return message_of(code, [&] { open({.path = folder / "model.ckpt"}); });
  }

  const DrawnPicture expected_ =
      draw({.path = testing::ldm_mini(), .vocab = testing::mini_vocabulary()});
};

TEST_F(OpenModel, HuggingFaceFolderDrawsTheSameBytes) {
  const DrawnPicture picture = draw({.path = testing::ldm_mini_hf()});
  EXPECT_EQ(picture.image, expected_.image);
  EXPECT_EQ(picture.decoded, expected_.decoded);
}

TEST_F(OpenModel, FolderWithACheckpointIsAsGoodAsTheFile) {
  const TemporaryFolder folder;
  fill(folder, config_text());
  EXPECT_EQ(draw({.path = folder.path()}).image, expected_.image);
}

TEST_F(OpenModel, WithoutAConfigurationSizesComeFromTheShapesAndANoteSaysSo) {
  const TemporaryFolder folder;
  fill(folder, "");
  const testing::TestModel model = open({.path = folder / "model.ckpt"});
  EXPECT_THAT(model.info().notes, ::testing::Contains(HasSubstr("no configuration")));
  EXPECT_EQ(model.info().native_width, 128);
  testing::Asked request = testing::asked("a cat", {.steps = 3, .sampler = "ddim"}, 3);
  request.recipe.size = {.width = 64, .height = 64};
  EXPECT_EQ(open({.path = folder / "model.ckpt"}).draw(request).at(0).image, expected_.image);
}

TEST_F(OpenModel, ConfigurationByTheCheckpointsNameIsFound) {
  const TemporaryFolder folder;
  fill(folder, "");
  folder.write("model.yaml", with(config_text(), "image_size: 16", "image_size: 24"));
  EXPECT_EQ(open({.path = folder / "model.ckpt"}).info().native_width, 96);
}

TEST_F(OpenModel, NamedConfigurationAndVocabularyComeFirst) {
  const TemporaryFolder folder;
  fill(folder, "not: a configuration");
  folder.write("other.yaml", config_text());
  const testing::TestModel model =
      open({.path = folder / "model.ckpt", .config = folder / "other.yaml"});
  EXPECT_EQ(model.info().native_width, 64);
  EXPECT_THAT(
      message_of(ErrorCode::kNotFound,
                 [&] { open({.path = folder / "model.ckpt", .config = folder / "gone.yaml"}); }),
      HasSubstr("gone.yaml"));
}

TEST_F(OpenModel, VocabularyIsFoundAmongInstalledModels) {
  const TemporaryFolder model, installed;
  model.link(testing::ldm_mini(), "model.ckpt");
  installed.write("a-other/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n");
  installed.link(testing::mini_vocabulary(), "bert-base-uncased/vocab.txt");
  EXPECT_NO_THROW(open({.path = model / "model.ckpt", .installed = {installed.path()}}));
}

TEST_F(OpenModel, MissingVocabularyNamesTheCommandThatFetchesIt) {
  const TemporaryFolder folder;
  folder.link(testing::ldm_mini(), "model.ckpt");
  const std::string message =
      message_of(ErrorCode::kNotFound, [&] { open({.path = folder / "model.ckpt"}); });
  EXPECT_THAT(message, HasSubstr("easel fetch bert-base-uncased"));
}

TEST_F(OpenModel, VocabularyOfAnotherModelIsRefused) {
  const TemporaryFolder folder;
  folder.link(testing::ldm_mini(), "model.ckpt");
  folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n");
  const std::string message =
      message_of(ErrorCode::kWrongModel, [&] { open({.path = folder / "model.ckpt"}); });
  EXPECT_THAT(message, HasSubstr("5 tokens"));
  EXPECT_THAT(message, HasSubstr("text encoder " + std::to_string(mini_vocabulary_size())));
}

TEST_F(OpenModel, MisshapenTensorsAreRefusedWithTheirKeyAndBothShapes) {
  std::string message = refusal(
      ErrorCode::kWrongModel, with(config_text(), "channel_mult: [1, 1]", "channel_mult: [1, 2]"));
  EXPECT_THAT(message, HasSubstr("model.diffusion_model.input_blocks.3.0"));
  EXPECT_THAT(message, HasSubstr("wanted [64"));
  message = refusal(ErrorCode::kWrongModel, with(config_text(), "ch: 32", "ch: 64"));
  EXPECT_THAT(message, HasSubstr("first_stage_model.decoder.conv_in.weight"));
  EXPECT_THAT(message, HasSubstr("[32, 4, 3, 3]"));
  EXPECT_THAT(message, HasSubstr("[64, 4, 3, 3]"));
}

TEST_F(OpenModel, MissingAndExtraTensorsAreRefusedWithTheirKey) {
  EXPECT_THAT(refusal(ErrorCode::kWrongModel, with(config_text(), "n_layer: 2", "n_layer: 3")),
              HasSubstr("cond_stage_model.transformer.attn_layers.layers.4.0.weight"));
  EXPECT_THAT(refusal(ErrorCode::kWrongModel, with(config_text(), "n_layer: 2", "n_layer: 1")),
              HasSubstr("cond_stage_model.transformer.attn_layers.layers.2"));
  EXPECT_THAT(refusal(ErrorCode::kWrongModel,
                      with(config_text(), "transformer_depth: 1", "transformer_depth: 2")),
              HasSubstr("transformer_blocks.1"));
}

TEST_F(OpenModel, ModelOfAnotherKindIsNamed) {
  const std::string message = message_of(ErrorCode::kWrongModel, [] {
    open({.path = testing::fixture("esrgan-mini/realesrgan_x4.pth")});
  });
  EXPECT_THAT(message, HasSubstr("an ESRGAN upscaler"));
  EXPECT_THAT(message, HasSubstr("realesrgan_x4.pth"));
}

// ldm-mini with noise in the denoiser's place and its own weights as the averaged ones.
class OpenModelWithEma : public OpenModel {
 protected:
  static void write(const std::filesystem::path& file) {
    const Weights weights = open_weights(testing::ldm_mini());
    std::vector<TensorToWrite> tensors;
    for (const auto& [name, entry] : weights.entries()) {
      TensorToWrite tensor{.name = name, .entry = entry, .dtype = entry.source.dtype};
      if (name.starts_with("model.")) {
        std::string averaged = name.substr(6);
        std::erase(averaged, '.');
        tensors.push_back({.name = "model_ema." + averaged, .entry = entry});
        tensor.entry.source.read = [](std::int64_t, std::span<float> out) {
          std::ranges::fill(out, 0.01f);
        };
        tensor.entry.read_stored = nullptr;
      }
      tensors.push_back(std::move(tensor));
    }
    write_safetensors(file, tensors);
  }
};

TEST_F(OpenModelWithEma, AveragedWeightsAreUsedUnlessTheConfigurationSaysNo) {
  const TemporaryFolder folder;
  write(folder / "model.safetensors");
  folder.link(testing::mini_vocabulary(), "vocab.txt");
  folder.write("config.yaml", with(config_text(), "use_ema: false", "use_ema: true"));
  EXPECT_EQ(draw({.path = folder.path()}).image, expected_.image);
  folder.write("config.yaml", config_text());
  EXPECT_NE(draw({.path = folder.path()}).image, expected_.image);
}

// A sound file by its names in which some tensors have another shape; nothing else says what fits.
struct Reshaped {
  const char* name;
  std::string_view part;  // of the tensors' names
  Shape (*shape)(const Shape&);
  const char* refusal;
};

class OpenReshaped : public OpenModel, public ::testing::WithParamInterface<Reshaped> {
 protected:
  static void write(const std::filesystem::path& file) {
    const Weights weights = open_weights(testing::ldm_mini());
    std::vector<TensorToWrite> tensors;
    for (const auto& [name, entry] : weights.entries()) {
      TensorToWrite tensor{.name = name, .entry = entry};
      if (name.find(GetParam().part) != std::string::npos) {
        tensor.entry.source.shape = GetParam().shape(entry.source.shape);
        tensor.entry.source.read = [](std::int64_t, std::span<float> out) {
          std::ranges::fill(out, 0.01f);
        };
        tensor.entry.read_stored = nullptr;
      }
      tensors.push_back(std::move(tensor));
    }
    write_safetensors(file, tensors);
  }
};

TEST_P(OpenReshaped, IsRefusedWhetherOrNotAConfigurationSaysSizes) {
  const TemporaryFolder folder;
  write(folder / "model.safetensors");
  folder.link(testing::mini_vocabulary(), "vocab.txt");
  try {
    draw({.path = folder / "model.safetensors"});
    ADD_FAILURE() << "it draws";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().refusal));
  }
}

Shape wider(const Shape& s) { return {s[0], 8 * s[1]}; }

INSTANTIATE_TEST_SUITE_P(
    Kinds, OpenReshaped,
    ::testing::Values(
        Reshaped{"ContextWiderThanTheTextEncoder", ".attn2.to_k", wider,
                 "a denoiser that wants 256"},
        Reshaped{"ContextOfAMatrixWithoutColumns", "middle_block.1.transformer_blocks.0.attn2.to_k",
                 [](const Shape&) { return Shape(); }, "a denoiser that wants 0"},
        Reshaped{"LatentsOfMoreChannels", "post_quant_conv.weight",
                 [](const Shape& s) {
                   return Shape{s[0], 2 * s[1], 1, 1};
                 },
                 "an autoencoder with 8"},
        Reshaped{"RoomForOneWordPiece", "pos_emb",
                 [](const Shape& s) {
                   return Shape{1, s[1]};
                 },
                 "1 positions for word pieces"},
        Reshaped{"NoVocabulary", "token_emb",
                 [](const Shape& s) {
                   return Shape{0, s[1]};
                 },
                 "0 words in its vocabulary"},
        Reshaped{"TimeOfAnotherWidth", "time_embed.2.weight", wider, "time_embed.2.weight"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(OpenModel, DenoiserWithoutLevelsIsRefused) {
  const TemporaryFolder folder;
  const Weights weights = open_weights(testing::ldm_mini());
  std::vector<TensorToWrite> tensors;
  for (const auto& [name, entry] : weights.entries()) {
    const bool is_block = name.find(".input_blocks.") != std::string::npos;
    if (is_block && name.find(".input_blocks.0.") == std::string::npos) continue;
    tensors.push_back({.name = name, .entry = entry, .dtype = entry.source.dtype});
  }
  write_safetensors(folder / "model.safetensors", tensors);
  folder.link(testing::mini_vocabulary(), "vocab.txt");
  EXPECT_THAT(
      message_of(ErrorCode::kWrongModel, [&] { open({.path = folder / "model.safetensors"}); }),
      HasSubstr("0 levels in its denoiser"));
}

TEST_F(OpenModel, MissingFileIsNotFound) {
  EXPECT_THAT(message_of(ErrorCode::kNotFound, [] { open({.path = "/nowhere/model.ckpt"}); }),
              HasSubstr("/nowhere/model.ckpt"));
}

}  // namespace
}  // namespace easel
