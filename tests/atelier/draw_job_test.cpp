#include "atelier/draw_job.h"

#include <gmock/gmock.h>

#include "atelier/fake_engine.h"

namespace easel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DrawJobTest : public testing::Test {
 protected:
  FakeEngine fake;
  Engine engine = fake.engine();
  Models models{engine, {{.name = "m", .path = "/nowhere", .is_default = true}}};

  std::vector<std::string> faults(const Json& json) {
    Fields fields(json, {});
    parse_draw(fields, {models, engine.enlargers});
    std::vector<std::string> names;
    try {
      fields.finish();
    } catch (const ProblemError& error) {
      for (const Fault& fault : error.problem().faults) names.push_back(fault.field);
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
  EXPECT_EQ(job.width, 16);
  EXPECT_EQ(job.sampler, "ddim");
  EXPECT_EQ(job.upscaler, "lanczos");
  EXPECT_EQ(to_json(draw_job_from_json(to_json(job))), to_json(job));
  EXPECT_EQ(hash_of(job, "f"), hash_of(draw_job_from_json(to_json(job)), "f"));
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
  EXPECT_THAT(faults({{"prompt", "p"}, {"variation", {{"seed", -1}, {"x", 1}}}}),
              testing::IsSupersetOf({"variation.seed", "variation.strength", "variation.x"}));
}

TEST_F(DrawJobTest, OnlyWhatThePicturesDependOnIsInTheHash) {
  DrawJob job{.prompt = "p", .sampler = "ddim", .model = "m"};
  const std::string hash = hash_of(job, "f");
  DrawJob labelled = job;
  labelled.subject = "s";
  labelled.style = "t";
  EXPECT_EQ(hash_of(labelled, "f"), hash);
  EXPECT_NE(hash_of(job, "another file"), hash);
  DrawJob other = job;
  other.seed = 1;
  EXPECT_NE(hash_of(other, "f"), hash);
}

TEST_F(DrawJobTest, PicturesOfAVariationShareTheSeed) {
  const DrawJob job{.seed = 7, .count = 4, .variation = Variation{100, 0.3}};
  EXPECT_EQ(record_of(job, 2).seed, 7u);
  EXPECT_EQ(record_of(job, 2).variation_seed, 102u);
  EXPECT_EQ(draw_request(job, 2, 1).variation->seed, 102u);
  EXPECT_EQ(draw_request(job, 2, 1).seed, 7u);
}

}  // namespace
}  // namespace easel
