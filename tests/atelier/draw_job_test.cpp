#include "atelier/draw_job.h"

#include <gmock/gmock.h>

#include "atelier/fake_engine.h"
#include "support/errors.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DrawJobTest : public ::testing::Test {
 protected:
  FakeEngine fake;
  Engine engine = fake.engine();
  Models models{engine, {{.name = "m", .location = {.path = "/nowhere"}, .is_default = true}}};

  std::vector<std::string> faults(const Json& json) {
    Fields fields(json, {});
    parse_draw(fields, {models, engine.enlargers});
    std::vector<std::string> names;
    try {
      fields.finish();
    } catch (const FaultsError& error) {
      for (const Fault& fault : error.faults()) names.push_back(fault.field);
    }
    return names;
  }
};

TEST_F(DrawJobTest, ARequestIsCompletedAndComesBackFromItsJson) {
  const Json json = {{"prompt", "p"},
                     {"seed", "18446744073709551615"},
                     {"count", 3},
                     {"upscale", 2},
                     {"variation", {{"seed", 4}, {"strength", 0.5}}}};
  Fields fields(json, {});
  const DrawJob job = parse_draw(fields, {models, engine.enlargers});
  EXPECT_NO_THROW(fields.finish());
  EXPECT_EQ(job.recipe.size.width, 16);
  EXPECT_EQ(diffusion_of(job.recipe).sampler, "ddim");
  EXPECT_EQ(job.recipe.enlarging.upscaler, "lanczos");
  const DrawJob back = draw_job_from_json(Json::parse(to_json(job).dump()));
  EXPECT_EQ(back.recipe, job.recipe);
  EXPECT_EQ(back.count, 3);
  EXPECT_EQ(hash_of(job, "f"), hash_of(back, "f"));
}

TEST_F(DrawJobTest, WhatGoesWithoutSayingIsNotSaid) {
  const Json json = {
      {"prompt", "p"}, {"eta", 0}, {"upscale", 1}, {"deep_cache", 1}, {"guidance_interval", "0:1"}};
  const Json plain = {{"prompt", "p"}, {"seed", 1}};
  Json same = json;
  same["seed"] = 1;
  Fields fields(same, {}), plain_fields(plain, {});
  EXPECT_EQ(parse_draw(fields, {models, engine.enlargers}).recipe,
            parse_draw(plain_fields, {models, engine.enlargers}).recipe);
}

TEST_F(DrawJobTest, JobsOfEasel01AreRead) {
  const DrawJob job = draw_job_from_json({{"prompt", "p"},
                                          {"steps", 5},
                                          {"sampler", "ddim"},
                                          {"eta", 0.0},
                                          {"seed", "7"},
                                          {"count", 2},
                                          {"variation", nullptr},
                                          {"upscale", 1},
                                          {"upscaler", ""},
                                          {"final_width", 40},
                                          {"final_height", 50}});
  EXPECT_EQ(job.count, 2);
  EXPECT_EQ(job.recipe.seed.seed, 7u);
  EXPECT_EQ(job.recipe.enlarging, (Enlarging{.result = {40, 50}}));
  EXPECT_EQ(diffusion_of(job.recipe).eta, std::nullopt);
}

TEST_F(DrawJobTest, AnotherArithmeticDrawsOtherPictures) {
  DrawJob job;
  const std::string hash = hash_of(job, "f");
  job.recipe.arithmetic.precision = "fp16";
  EXPECT_NE(hash_of(job, "f"), hash);
  job.recipe.arithmetic = {.target = "AVX2"};
  EXPECT_NE(hash_of(job, "f"), hash);
}

TEST_F(DrawJobTest, EveryWrongFieldIsNamed) {
  EXPECT_THAT(faults({{"prompt", "p"}}), IsEmpty());
  EXPECT_THAT(faults(Json::object()), ElementsAre("prompt"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"width", 20}}), ElementsAre("width"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"width", 72}}), ElementsAre("width"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"sampler", "nope"}}), ElementsAre("sampler"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"model", "nope"}}), ElementsAre("model"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"upscaler", "nope"}}), ElementsAre("upscaler"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"sampler", "plms"}, {"eta", 0.5}}), ElementsAre("eta"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"variation", 5}}), ElementsAre("variation"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"deep_cache", 101}}), ElementsAre("deep_cache"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"guidance_interval", "0.5:0.1"}}),
              ElementsAre("guidance_interval"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"precision", "fp16"}}), ElementsAre("precision"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"variation", {{"seed", -1}, {"x", 1}}}}),
              ::testing::IsSupersetOf({"variation.seed", "variation.strength", "variation.x"}));
}

TEST_F(DrawJobTest, APromptOfSpacesIsRefused) {
  DrawJob job = {.recipe = {.prompt = " \t\n"}};
  EXPECT_THAT(easel::testing::message_of(ErrorCode::kUsage, [&] { check_with_model(job, models); }),
              ::testing::HasSubstr("the prompt is empty"));
  job.recipe.prompt = "p";
  EXPECT_NO_THROW(check_with_model(job, models));
}

TEST_F(DrawJobTest, OnlyWhatThePicturesDependOnIsInTheHash) {
  DrawJob job;
  job.recipe.prompt = "p";
  const std::string hash = hash_of(job, "f");
  DrawJob labelled = job;
  labelled.recipe.labels = {.subject = "s", .style = "t"};
  EXPECT_EQ(hash_of(labelled, "f"), hash);
  EXPECT_NE(hash_of(job, "another file"), hash);
  DrawJob other = job;
  other.recipe.seed.seed = 1;
  EXPECT_NE(hash_of(other, "f"), hash);
}

}  // namespace
}  // namespace easel
