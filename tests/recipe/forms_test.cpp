#include "recipe/forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/error.h"
#include "image/pictures.h"
#include "recipe/fields.h"
#include "recipe/values.h"
#include "recipes.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using testing::full_recipe;
using ::testing::HasSubstr;
using ::testing::Pair;

Provenance full() { return by_easel(full_recipe()); }

Provenance of_prompt(const std::string& prompt) {
  Provenance provenance = full();
  provenance.recipe.prompt = prompt;
  return provenance;
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

// A picture drawn in the plainest way, which is what most files say.
Recipe plain() {
  Recipe recipe;
  recipe.prompt = "a fox in the snow";
  recipe.negative = "blurry, dark";
  recipe.model = {.name = "ldm-text2img-large", .sha256 = "0123456789abcdef"};
  recipe.seed = {.seed = 18446744073709551615u, .rng = "torch-cpu"};
  recipe.size = {256, 384};
  recipe.method = Diffusion{.steps = 25, .sampler = "dpmpp-2m", .scale = 7.5, .eta = 0.5};
  recipe.arithmetic.precision = "fp16";
  return recipe;
}

TEST(Parameters, ReadAsAutomatic1111WritesThem) {
  const Provenance provenance{
      .recipe = plain(), .version = "easel 0.1.0", .others = {{"Hires steps", "7"}}};
  EXPECT_EQ(to_parameters(provenance),
            "a fox in the snow\n"
            "Negative prompt: blurry, dark\n"
            "Steps: 25, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 18446744073709551615, "
            "Size: 256x384, Model hash: 0123456789, Model: ldm-text2img-large, Eta: 0.5, RNG: CPU, "
            "Precision: fp16, Hires steps: 7, Version: easel 0.1.0");
}

TEST(Parameters, NameWhatIsUnusualAfterThat) {
  const std::string text = to_parameters(full());
  EXPECT_THAT(text, HasSubstr("Guidance interval: \"0.1:0.8\", DeepCache: 3, Variation seed: 9, "
                              "Variation seed strength: 0.25, Upscale: 2, Upscaler: x2, "
                              "Resized: 100x120, Upscaled again: \"1.5:lanczos\", Grid: 2x3, "));
  EXPECT_THAT(text, HasSubstr("txt2img n_iter: 2, txt2img n_samples: 3, txt2img picture: 5"));
  EXPECT_THAT(text,
              HasSubstr("Subject: fox, Style: snow, Tiled VAE: 32, Unfinished: step 7 of 25, "));
  EXPECT_THAT(text, HasSubstr("Denoising strength: 0.6, Resize mode: pad, "));
  EXPECT_THAT(text, HasSubstr("Inpaint area: Only masked, Masked area padding: 16, "));
  EXPECT_THAT(text, HasSubstr("Hires upscaler: Latent, Tiling: True, Version: easel "));
}

TEST(Parameters, SayNoFoldersOfThisComputer) {
  Recipe recipe = testing::full_recipe();
  Editing& editing = diffusion_of(recipe).editing;
  editing.init.file = "/home/me/pictures/" + editing.init.file;
  editing.masking.mask.file = "../masks/" + editing.masking.mask.file;
  EXPECT_EQ(to_parameters(by_easel(recipe)), to_parameters(by_easel(testing::full_recipe())));
}

TEST(Parameters, LeaveOutWhatIsNotKnown) {
  Provenance provenance;
  provenance.recipe.prompt = "a fox";
  EXPECT_EQ(to_parameters(provenance), "a fox");
  provenance.recipe.method = Diffusion{.steps = 3, .sampler = "ddim"};
  provenance.recipe.seed.seed = 7;
  EXPECT_EQ(to_parameters(provenance), "a fox\nSteps: 3, Sampler: DDIM, Seed: 7");
}

TEST(Parameters, QuoteValuesWithCommasColonsAndLineEnds) {
  Provenance provenance{.recipe = plain(), .others = {{"Note", "\u5317: 1"}}};
  provenance.recipe.model = {.name = "a, b: \"c\"\nd"};
  const auto text = to_parameters(provenance);
  EXPECT_THAT(text, HasSubstr(R"(Model: "a, b: \"c\"\nd")"));
  EXPECT_THAT(text, HasSubstr("Note: \"\u5317: 1\""));
  EXPECT_EQ(parse_parameters(text), provenance);
}

TEST(Parameters, ComeBackWhole) {
  Provenance expected = full();
  expected.recipe.model.sha256.resize(10);
  expected.recipe.templates.by_seed = false;
  expected.recipe.arithmetic.target.clear();
  EXPECT_EQ(parse_parameters(to_parameters(full())), expected);
}

TEST(Parameters, KeepPromptsThatLookLikeSettings) {
  for (const std::string prompt :
       {"Steps: 3, Sampler: Euler a, CFG scale: 1, Seed: 2", "one, two: three \"four\"",
        "line one\nline two\n\nline four", "a fox\nSteps: 3, Sampler: Euler a, Seed: 2"}) {
    const Recipe recipe = parse_parameters(to_parameters(of_prompt(prompt))).recipe;
    EXPECT_EQ(recipe.prompt, prompt);
    EXPECT_EQ(diffusion_of(recipe).steps, 25);
  }
}

TEST(Parameters, AreReadFromAutomatic1111sOwnPictures) {
  for (const auto* name : {"a1111.png", "a1111.jpg", "a1111.webp"}) {
    const auto picture = decode_picture(testing::picture_bytes(name));
    const auto provenance = provenance_of(picture.metadata);
    ASSERT_TRUE(provenance.has_value()) << name;
    const Recipe& recipe = provenance->recipe;
    EXPECT_EQ(recipe.prompt, "a fox, caf\u00e9 \u5317\u4eac\nin the snow");
    EXPECT_EQ(recipe.negative, "blurry");
    EXPECT_EQ(recipe.method, Method(Diffusion{.steps = 20, .sampler = "euler-a", .scale = 7.0}));
    EXPECT_EQ(recipe.seed.seed, 1234567890u);
    EXPECT_EQ(recipe.size, (Image::Size{512, 768}));
    EXPECT_EQ(recipe.model, (ModelRef{.name = "v1-5", .sha256 = "6ce0161689"}));
    EXPECT_EQ(provenance->version, "v1.6.0");
    EXPECT_THAT(provenance->others, ElementsAre(Pair("Hires prompt", "a, b: \"c\"")));
  }
}

TEST(Parameters, KeepASamplersScheduleApartAsAutomatic1111Does) {
  const auto of = [](const std::string& schedule) {
    return parse_parameters("a fox\nSteps: 20, Sampler: DPM++ 2M, Schedule type: " + schedule +
                            ", CFG scale: 7, Seed: 1");
  };
  for (const char* karras : {"Karras", "Automatic"}) {
    EXPECT_EQ(diffusion_of(of(karras).recipe).sampler, "dpmpp-2m-karras");
    EXPECT_TRUE(of(karras).others.empty());
  }
  EXPECT_EQ(diffusion_of(of("SGM Uniform").recipe).sampler, "dpmpp-2m");
  EXPECT_EQ(diffusion_of(of("SGM Uniform").recipe).schedule, "sgm-uniform");
  EXPECT_THAT(of("Beta").others, ElementsAre(Pair("Schedule type", "Beta")));
  EXPECT_THAT(to_parameters(of("SGM Uniform")), HasSubstr("Schedule type: SGM Uniform"));
}

TEST(Parameters, AreReadAsEasel01WroteThem) {
  const Recipe recipe = parse_parameters(
                            "a cat\nSteps: 5, Sampler: dpmpp-2m, Seed: 3, Variation seed: 9, "
                            "Variation strength: 0.5, "
                            "Precision: bf16, Version: 0.1.0")
                            .recipe;
  EXPECT_EQ(diffusion_of(recipe).sampler, "dpmpp-2m");
  EXPECT_EQ(recipe.seed.variation, (Variation{.seed = 9, .strength = 0.5}));
  EXPECT_EQ(recipe.arithmetic.backend, "onednn");
}

TEST(Parameters, WithoutALineOfSettingsAreAllPrompt) {
  const Provenance provenance =
      parse_parameters("a fox\nNegative prompt: x\nmore x\nSteps: 3, Seed: 4");
  Provenance expected;
  expected.recipe.prompt = "a fox";
  expected.recipe.negative = "x\nmore x\nSteps: 3, Seed: 4";
  EXPECT_EQ(provenance, expected);
  EXPECT_EQ(parse_parameters(""), Provenance{});
}

TEST(Parameters, KeepAsTextWhatMeansNothing) {
  const Provenance provenance = parse_parameters(
      "x\nSteps: many, Seed: -1, CFG scale: inf, Size: 12xx, Eta: nan, Sampler: ddim, RNG: cuda, "
      "Backend: Diffusers, Grid: 65x1, DeepCache: 0:1; rm -rf /, Variation seed: 4");
  Provenance expected;
  expected.recipe.prompt = "x";
  diffusion_of(expected.recipe).sampler = "ddim";
  expected.others = {{"Steps", "many"},        {"Seed", "-1"},   {"CFG scale", "inf"},
                     {"Size", "12xx"},         {"Eta", "nan"},   {"RNG", "cuda"},
                     {"Backend", "Diffusers"}, {"Grid", "65x1"}, {"DeepCache", "0:1; rm -rf /"},
                     {"Variation seed", "4"}};
  EXPECT_EQ(provenance, expected);
  const Recipe large = parse_parameters("x\nSteps: 99999999999, Seed: 1, Sampler: a").recipe;
  EXPECT_EQ(diffusion_of(large).steps, std::nullopt);
}

TEST(Parameters, KnowAutomatic1111sGenerators) {
  EXPECT_EQ(parse_parameters("x\nSteps: 3, Seed: 1, RNG: NV").recipe.seed.rng, "nv");
  EXPECT_EQ(parse_parameters("x\nSteps: 3, Seed: 1, RNG: CPU").recipe.seed.rng, "torch-cpu");
}

TEST(Parameters, AnyTextIsRead) {
  std::mt19937 engine(5);
  const std::string pieces[] = {
      "Steps", ": ", ", ", "\"", "\\",   "\n", "Negative prompt:", "x", "Size: ",        "3x4",
      "\r",    "\t", ":",  ",",  "\xff", " ",  "txt2img n_iter",   "9", "Variation seed"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 25; ++i) text += pieces[engine() % std::size(pieces)];
    const auto once = parse_parameters(text);
    to_record(once);
    to_parameters(once);
    command_of(once.recipe, "easel");
  }
  parse_parameters("x\n" + std::string(1000000, ',') + ":");
  parse_parameters(std::string(100000, ':'));
  parse_parameters("x\n" + std::string(100000, '"'));
  parse_parameters("x\nA: \"" + std::string(100000, '\\'));
}

TEST(Record, KeepsEverythingExactly) {
  Provenance expected = full();
  expected.recipe.templates.by_seed = false;
  expected.recipe.arithmetic.target.clear();  // no file says it
  expected.others = {{"Wildcards", "7"}};
  EXPECT_EQ(parse_record(to_record(expected)), expected);
  EXPECT_EQ(parse_record(to_record(Provenance{})), Provenance{});
  for (const auto& prompt : awkward_prompts()) {
    expected.recipe.prompt = expected.recipe.negative = prompt;
    EXPECT_EQ(parse_record(to_record(expected)), expected) << prompt;
  }
  diffusion_of(expected.recipe).scale = 0.1 + 0.2;
  EXPECT_EQ(parse_record(to_record(expected)), expected);
}

// Old files are read by what wrote them, and new ones by it too.
TEST(Record, StandsAsItAlwaysDid) {
  Provenance provenance{.recipe = plain(), .version = "easel 0.1.0", .others = {{"A", "b"}}};
  diffusion_of(provenance.recipe).scale = 5;
  diffusion_of(provenance.recipe).deep_cache.every = 3;
  EXPECT_EQ(to_record(provenance),
            R"({"program":"easel","version":"easel 0.1.0","prompt":"a fox in the snow",)"
            R"("negative":"blurry, dark","steps":25,"sampler":"DPM++ 2M","scale":5.0,"eta":0.5,)"
            R"("seed":18446744073709551615,"rng":"torch-cpu","width":256,"height":384,)"
            R"("model":"ldm-text2img-large","model_sha256":"0123456789abcdef",)"
            R"("precision":"fp16","extra":{"DeepCache":"3","A":"b"}})");
}

TEST(Record, IsPlainAscii) {
  for (const char c : to_record(of_prompt("\u5317\U0001F431 \xff"))) {
    ASSERT_TRUE(c >= 32 && c < 127);
  }
}

TEST(Record, RefusesWhatIsNoRecordOfEasels) {
  const std::string deep(200000, '[');
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null"),
        std::string("{\"program\":\"other\"}"), std::string("{\"program\":\"easel\""), deep,
        std::string(3 << 20, ' ')}) {
    try {
      parse_record(text);
      ADD_FAILURE() << text.substr(0, 40);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidFile);
    }
  }
}

TEST(Record, LeavesOutFieldsOfAnotherType) {
  const Provenance provenance = parse_record(
      R"({"program":"easel","prompt":3,"steps":"x","seed":-4,"width":1e99,"height":3000000000,
          "scale":"7","negative":null,"sampler":["a"],"extra":{"a":1,"b":"c"},"eta":1})");
  Provenance expected;
  diffusion_of(expected.recipe).eta = 1.0;
  expected.others = {{"b", "c"}};
  EXPECT_EQ(provenance, expected);
}

TEST(Metadata, ComesBackFromEveryFormatWithEveryPrompt) {
  for (const auto format : {ImageFormat::kPng, ImageFormat::kJpeg, ImageFormat::kWebp}) {
    for (const auto& prompt : awkward_prompts()) {
      const Provenance provenance = by_easel([&] {
        Recipe recipe = plain();
        recipe.prompt = prompt;
        return recipe;
      }());
      const auto bytes =
          encode_picture(testing::ramp(), format, {.metadata = metadata_of(provenance)});
      const auto metadata = decode_picture(bytes).metadata;
      EXPECT_EQ(metadata.parameters, to_parameters(provenance)) << name_of(format) << " " << prompt;
      EXPECT_EQ(provenance_of(metadata), provenance) << name_of(format) << " " << prompt;
    }
  }
}

TEST(Metadata, FallsBackToTheTextWhenTheRecordIsBroken) {
  ImageMetadata metadata = metadata_of(full());
  metadata.easel = "{broken";
  EXPECT_EQ(provenance_of(metadata)->recipe.prompt, full().recipe.prompt);
  EXPECT_EQ(provenance_of(metadata)->recipe.seed, full().recipe.seed);
  EXPECT_EQ(provenance_of({}), std::nullopt);
}

TEST(JsonOfARecipe, KeepsEverything) {
  EXPECT_EQ(recipe_from_json(Json::parse(to_json(full_recipe()).dump())), full_recipe());
  EXPECT_EQ(recipe_from_json(to_json(Recipe{})), Recipe{});
  EXPECT_EQ(recipe_from_json(Json("no object")), Recipe{});
}

TEST(JsonOfARecipe, ShowsWhatAClientMayAskFor) {
  const Json json = to_json(Recipe{}, Unsaid::kShow);
  EXPECT_EQ(json["prompt"], Json(""));
  EXPECT_TRUE(json.contains("variation") && json["variation"].is_null());
  EXPECT_TRUE(json.contains("guidance_interval") && json["guidance_interval"].is_null());
  EXPECT_EQ(json["deep_cache"], Json(1));
  EXPECT_EQ(json["upscale"], Json(1));
  EXPECT_FALSE(json.contains("precision"));
}

TEST(JsonOfARecipe, KeepsSeedsThatNoDoubleHolds) {
  Recipe recipe;
  recipe.seed.seed = std::uint64_t{1} << 53;
  EXPECT_EQ(to_json(recipe)["seed"], Json("9007199254740992"));
  recipe.seed.seed = (std::uint64_t{1} << 53) - 1;
  EXPECT_EQ(to_json(recipe)["seed"], Json(9007199254740991u));
}

TEST(Hash, DependsOnEverySettingThatPixelsDependOn) {
  std::set<std::string> hashes{hash_of(Recipe{}, "model")};
  std::size_t settings = 0;
  const Recipe full = full_recipe();
  visit_fields(full, [&](const Field& wanted, const auto& value) {
    if (wanted.json.empty()) return;
    ASSERT_TRUE(is_said(value)) << wanted.json;
    Json one = {{std::string(wanted.json), json_of(value)}};
    const std::string hash = hash_of(recipe_from_json(one), "model");
    EXPECT_EQ(hashes.contains(hash), !wanted.pixels) << wanted.json;
    hashes.insert(hash);
    ++settings;
  });
  EXPECT_EQ(settings, to_json(full).size());
  EXPECT_NE(hash_of(Recipe{}, "model"), hash_of(Recipe{}, "other"));
}

TEST(Rows, HaveNamesOfTheirOwn) {
  std::multiset<std::string_view> json, keys, options;
  Recipe recipe;
  visit_fields(recipe, [&](const Field& field, auto&) {
    json.insert(field.json);
    keys.insert(field.parameters);
    options.insert(field.option);
    EXPECT_TRUE(!field.json.empty() || &field == &fields::kSize);
    EXPECT_TRUE(field.title.size() > 1 || &field == &fields::kSize);
  });
  for (const auto* names : {&json, &keys, &options}) {
    for (const std::string_view name : *names) {
      EXPECT_TRUE(name.empty() || names->count(name) == 1) << name;
    }
  }
}

TEST(OfPicture, CountsWhatARunCounts) {
  Recipe recipe;
  recipe.seed.seed = 7;
  EXPECT_EQ(of_picture(recipe, 2).seed.seed, 9u);
  recipe.seed.variation = Variation{.seed = 100, .strength = 0.3};
  EXPECT_EQ(of_picture(recipe, 2).seed.seed, 7u);
  EXPECT_EQ(of_picture(recipe, 2).seed.variation->seed, 102u);
  recipe.seed.shared = SharedGenerator{.iterations = 2, .samples = 2};
  EXPECT_EQ(of_picture(recipe, 3).seed.shared->picture, 3);
  EXPECT_EQ(of_picture(recipe, 3).seed.variation->seed, 100u);
}

}  // namespace
}  // namespace easel
