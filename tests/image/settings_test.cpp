#include "image/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/error.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Settings full() {
  return {.prompt = "a fox in the snow",
          .negative = "blurry, dark",
          .steps = 25,
          .sampler = "DPM++ 2M",
          .scale = 7.5,
          .eta = 0.5,
          .seed = 18446744073709551615u,
          .rng = "torch-cpu",
          .width = 256,
          .height = 384,
          .model = "ldm-text2img-large",
          .model_sha256 = "0123456789abcdef",
          .precision = "fp16",
          .version = "easel 0.1.0",
          .extra = {{"Schedule type", "Karras"}}};
}

const std::vector<std::string>& awkward_prompts() {
  static const std::vector<std::string> prompts{"a fox",
                                                "na\u00efve caf\u00e9 \u5317\u4eac \U0001F431",
                                                "one, two: three \"four\" \\ five",
                                                "line one\nline two\n\nline four",
                                                "Steps: 3, Sampler: Euler a, CFG scale: 1, Seed: 2",
                                                "a fox\nSteps: 3, Sampler: Euler a, Seed: 2",
                                                "a fox\nNegative prompt: not really",
                                                "  spaces around  ",
                                                "tab\there",
                                                "quote\" , and comma",
                                                "\\n is no line end",
                                                "(weights:1.2), [brackets], <lora:x:1>"};
  return prompts;
}

TEST(Parameters, ReadAsAutomatic1111WritesThem) {
  EXPECT_EQ(to_parameters(full()),
            "a fox in the snow\n"
            "Negative prompt: blurry, dark\n"
            "Steps: 25, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 18446744073709551615, "
            "Size: 256x384, Model hash: 0123456789, Model: ldm-text2img-large, Eta: 0.5, RNG: CPU, "
            "Precision: fp16, Schedule type: Karras, Version: easel 0.1.0");
}

TEST(Parameters, LeaveOutWhatIsNotKnown) {
  EXPECT_EQ(to_parameters({.prompt = "a fox", .steps = 3, .sampler = "ddim", .seed = 7}),
            "a fox\nSteps: 3, Sampler: ddim, Seed: 7");
  EXPECT_EQ(to_parameters({.prompt = "a fox"}), "a fox");
}

TEST(Parameters, QuoteValuesWithCommasColonsAndLineEnds) {
  const Settings settings{.prompt = "x",
                          .steps = 1,
                          .sampler = "s",
                          .seed = 1,
                          .model = "a, b: \"c\"\nd",
                          .extra = {{"Note", "\u5317: 1"}}};
  const auto text = to_parameters(settings);
  EXPECT_THAT(text, HasSubstr(R"(Model: "a, b: \"c\"\nd")"));
  EXPECT_THAT(text, HasSubstr("Note: \"\u5317: 1\""));
  EXPECT_EQ(from_parameters(text), settings);
}

TEST(Parameters, ComeBackWhole) {
  Settings expected = full();
  expected.model_sha256.resize(10);
  EXPECT_EQ(from_parameters(to_parameters(full())), expected);
}

TEST(Parameters, KeepPromptsThatLookLikeSettings) {
  for (const std::string prompt :
       {"Steps: 3, Sampler: Euler a, CFG scale: 1, Seed: 2", "one, two: three \"four\"",
        "line one\nline two\n\nline four", "a fox\nSteps: 3, Sampler: Euler a, Seed: 2"}) {
    Settings settings = full();
    settings.prompt = prompt;
    EXPECT_EQ(from_parameters(to_parameters(settings)).prompt, prompt);
    EXPECT_EQ(from_parameters(to_parameters(settings)).steps, 25);
  }
}

TEST(Parameters, AreReadFromAutomatic1111sOwnPictures) {
  for (const auto* name : {"a1111.png", "a1111.jpg", "a1111.webp"}) {
    const auto picture = decode_picture(testing::picture_bytes(name));
    const auto settings = settings_of(picture.metadata);
    ASSERT_TRUE(settings.has_value()) << name;
    EXPECT_EQ(settings->prompt, "a fox, caf\u00e9 \u5317\u4eac\nin the snow");
    EXPECT_EQ(settings->negative, "blurry");
    EXPECT_EQ(settings->steps, 20);
    EXPECT_EQ(settings->sampler, "Euler a");
    EXPECT_EQ(settings->scale, 7.0);
    EXPECT_EQ(settings->seed, 1234567890u);
    EXPECT_EQ(settings->width, 512);
    EXPECT_EQ(settings->height, 768);
    EXPECT_EQ(settings->model, "v1-5");
    EXPECT_EQ(settings->model_sha256, "6ce0161689");
    EXPECT_EQ(settings->version, "v1.6.0");
    EXPECT_THAT(settings->extra, ElementsAre(Pair("Hires prompt", "a, b: \"c\"")));
  }
}

TEST(Parameters, WithoutALineOfSettingsAreAllPrompt) {
  const auto settings = from_parameters("a fox\nNegative prompt: x\nmore x\nSteps: 3, Seed: 4");
  EXPECT_EQ(settings.prompt, "a fox");
  EXPECT_EQ(settings.negative, "x\nmore x\nSteps: 3, Seed: 4");
  EXPECT_EQ(settings.steps, std::nullopt);
  EXPECT_EQ(from_parameters(""), Settings{});
}

TEST(Parameters, NumbersThatAreNoneAreKeptAsText) {
  const auto settings = from_parameters(
      "x\nSteps: many, Seed: -1, CFG scale: inf, Size: 12xx, Eta: nan, Sampler: ddim");
  EXPECT_EQ(settings.steps, std::nullopt);
  EXPECT_EQ(settings.seed, std::nullopt);
  EXPECT_EQ(settings.scale, std::nullopt);
  EXPECT_EQ(settings.width, std::nullopt);
  EXPECT_EQ(settings.sampler, "ddim");
  EXPECT_THAT(settings.extra,
              ElementsAre(Pair("Steps", "many"), Pair("Seed", "-1"), Pair("CFG scale", "inf"),
                          Pair("Size", "12xx"), Pair("Eta", "nan")));
  EXPECT_EQ(from_parameters("x\nSteps: 99999999999, Seed: 1, Sampler: a").steps, std::nullopt);
}

TEST(Parameters, AnyTextIsRead) {
  std::mt19937 engine(5);
  const std::string pieces[] = {
      "Steps", ": ", ", ", "\"", "\\",   "\n", "Negative prompt:", "x", "Size: ", "3x4",
      "\r",    "\t", ":",  ",",  "\xff", " "};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 25; ++i) text += pieces[engine() % std::size(pieces)];
    const auto once = from_parameters(text);
    to_json(once);
    to_parameters(once);
  }
  from_parameters("x\n" + std::string(1000000, ',') + ":");
  from_parameters(std::string(100000, ':'));
  from_parameters("x\n" + std::string(100000, '"'));
  from_parameters("x\nA: \"" + std::string(100000, '\\'));
}

TEST(Json, KeepsEverythingExactly) {
  EXPECT_EQ(from_json(to_json(full())), full());
  EXPECT_EQ(from_json(to_json(Settings{})), Settings{});
  for (const auto& prompt : awkward_prompts()) {
    Settings settings = full();
    settings.prompt = prompt;
    settings.negative = prompt;
    EXPECT_EQ(from_json(to_json(settings)), settings) << prompt;
  }
  Settings precise = full();
  precise.scale = 0.1 + 0.2;
  EXPECT_EQ(from_json(to_json(precise)).scale, precise.scale);
}

TEST(Json, IsPlainAscii) {
  Settings settings = full();
  settings.prompt = "\u5317\U0001F431 \xff";
  for (const char c : to_json(settings)) ASSERT_TRUE(c >= 32 && c < 127);
}

TEST(Json, RefusesWhatIsNoRecordOfEasels) {
  const std::string deep(200000, '[');
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null"),
        std::string("{\"program\":\"other\"}"), std::string("{\"program\":\"easel\""), deep,
        std::string(3 << 20, ' ')}) {
    try {
      from_json(text);
      ADD_FAILURE() << text.substr(0, 40);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidFile);
    }
  }
}

TEST(Json, LeavesOutFieldsOfAnotherType) {
  const auto settings = from_json(
      R"({"program":"easel","prompt":3,"steps":"x","seed":-4,"width":1e99,"height":3000000000,
          "scale":"7","negative":null,"sampler":["a"],"extra":{"a":1,"b":"c"},"eta":1})");
  EXPECT_EQ(settings.prompt, "");
  EXPECT_EQ(settings.steps, std::nullopt);
  EXPECT_EQ(settings.seed, std::nullopt);
  EXPECT_EQ(settings.width, std::nullopt);
  EXPECT_EQ(settings.height, std::nullopt);
  EXPECT_EQ(settings.scale, std::nullopt);
  EXPECT_EQ(settings.eta, 1.0);
  EXPECT_THAT(settings.extra, ElementsAre(Pair("b", "c")));
}

TEST(Settings, ComeBackFromEveryFormatWithEveryPrompt) {
  for (const auto format : {ImageFormat::kPng, ImageFormat::kJpeg, ImageFormat::kWebp}) {
    for (const auto& prompt : awkward_prompts()) {
      Settings settings = full();
      settings.prompt = prompt;
      const auto bytes =
          encode_picture(testing::ramp(), format, {.metadata = metadata_of(settings)});
      const auto metadata = decode_picture(bytes).metadata;
      EXPECT_EQ(metadata.parameters, to_parameters(settings)) << name_of(format) << " " << prompt;
      EXPECT_EQ(settings_of(metadata), settings) << name_of(format) << " " << prompt;
    }
  }
}

TEST(Settings, FallBackToTheTextWhenTheRecordIsBroken) {
  ImageMetadata metadata = metadata_of(full());
  metadata.easel = "{broken";
  EXPECT_EQ(settings_of(metadata)->prompt, full().prompt);
  EXPECT_EQ(settings_of(metadata)->seed, full().seed);
  EXPECT_EQ(settings_of({}), std::nullopt);
}

}  // namespace
}  // namespace easel
