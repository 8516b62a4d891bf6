#include "cli/redraw.h"

#include <gtest/gtest.h>

#include "cli/approximations.h"
#include "cli/prompts.h"
#include "core/error.h"

namespace easel::cli {
namespace {

Settings some_settings() {
  return {.prompt = "a cat",
          .negative = {},
          .steps = 25,
          .sampler = "DPM++ 2M",
          .scale = 7.5,
          .eta = 0.0,
          .seed = 7,
          .rng = "torch-cpu",
          .width = 64,
          .height = 32,
          .model = "default",
          .model_sha256 = {},
          .precision = "fp32",
          .version = "easel"};
}

TEST(RedrawCommand, NamesEverySetting) {
  EXPECT_EQ(redraw_command("easel", some_settings()),
            "easel draw \"a cat\" --seed 7 --steps 25 --sampler dpmpp-2m --scale 7.5 -W 64 -H 32");
}

TEST(RedrawCommand, AddsWhatIsUnusual) {
  Settings settings = some_settings();
  settings.negative = "-rain";
  settings.eta = 0.5;
  settings.sampler = "DDIM";
  settings.precision = "fp16";
  settings.model = "mine";
  add_grid(settings, {.columns = 4, .rows = 2});
  EXPECT_EQ(
      redraw_command("./easel", settings),
      "./easel draw \"a cat\" --negative=-rain --seed 7 --steps 25 --sampler ddim --scale 7.5 "
      "--eta 0.5 -W 64 -H 32 --grid 4x2 --precision fp16 -m mine");
}

TEST(RedrawCommand, EnlargesAgain) {
  Settings settings = some_settings();
  add_upscale(settings, {.factor = 2, .upscaler = "upscaler"});
  EXPECT_TRUE(redraw_command("easel", settings).ends_with(" --upscale 2"));
  settings.extra.clear();
  add_upscale(settings, {.factor = 1.5, .upscaler = "x4.pth"});
  EXPECT_TRUE(redraw_command("easel", settings).ends_with(" --upscale 1.5 --upscaler x4.pth"));
  ModelOptions typed;
  typed.upscaler = "files/x4.pth";
  EXPECT_TRUE(redraw_command("easel", settings, &typed).ends_with(" --upscaler files/x4.pth"));
}

TEST(RedrawCommand, LeavesOutWhatWasLeftOut) {
  DrawRequest request;
  request.guidance_interval = {.from = 0.125, .to = 0.75};
  request.deep_every = 4;
  Settings settings = some_settings();
  add_approximations(settings, request);
  EXPECT_TRUE(redraw_command("easel", settings)
                  .ends_with(" --guidance-interval 0.125:0.75 --fast cache:4"));
  for (auto& [name, value] : settings.extra) value = "0:1; rm -rf /";
  EXPECT_EQ(redraw_command("easel", settings), redraw_command("easel", some_settings()));
}

TEST(RedrawCommand, PutsAPromptLikeAnOptionLast) {
  Settings settings = some_settings();
  settings.prompt = "--force";
  EXPECT_TRUE(redraw_command("easel", settings).ends_with(" -- --force"));
}

TEST(RedrawCommand, KnowsARunOfTxt2img) {
  Settings settings = some_settings();
  settings.sampler = "PLMS";
  add_txt2img_run(settings, {.iterations = 2, .samples = 4, .picture = 5});
  EXPECT_EQ(
      redraw_command("easel", settings),
      "easel txt2img --prompt \"a cat\" --seed 7 --ddim_steps 25 --plms --ddim_eta 0 --scale 7.5 "
      "--W 64 --H 32 --n_iter 2 --n_samples 4");
}

TEST(RedrawCommand, IsEmptyWithoutASeed) {
  Settings settings = some_settings();
  settings.seed.reset();
  EXPECT_EQ(redraw_command("easel", settings), "");
}

TEST(RedrawCommand, TakesNoOrdersFromAPicture) {
  Settings settings = some_settings();
  settings.sampler = "x; rm -rf /";
  settings.model = "$(reboot)";
  const std::string command = redraw_command("easel", settings);
  EXPECT_NE(command.find("\"x; rm -rf /\""), std::string::npos);
  EXPECT_NE(command.find("'$(reboot)'"), std::string::npos);
}

TEST(Grid, ReadsColumnsAndRows) {
  ASSERT_TRUE(parse_grid("4x2"));
  EXPECT_EQ(parse_grid("4x2")->columns, 4);
  EXPECT_EQ(parse_grid("4x2")->rows, 2);
  for (const char* bad :
       {"", "4", "x", "4x", "x2", "0x1", "65x1", "4x2x1", "-1x2", "4 x 2", "1e1x1"})
    EXPECT_FALSE(parse_grid(bad)) << bad;
}

TEST(ReadPrompts, TakesWordsOrQuotedPrompts) {
  const auto words = read_prompts({"a", "red", "rocket"}, "");
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, "a red rocket");
  const auto quoted = read_prompts({"a rocket", "robot"}, "");
  ASSERT_EQ(quoted.size(), 2u);
  EXPECT_EQ(quoted[1].text, "robot");
  EXPECT_THROW(read_prompts({}, ""), Error);
  EXPECT_THROW(read_prompts({"a"}, "file"), Error);
}

}  // namespace
}  // namespace easel::cli
