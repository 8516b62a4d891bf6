#include <gtest/gtest.h>

#include "recipe/forms.h"
#include "recipe/values.h"
#include "recipes.h"

namespace easel {
namespace {

Recipe some_recipe() {
  Recipe recipe;
  recipe.prompt = "a cat";
  recipe.model.name = "default";
  recipe.seed = {.seed = 7, .rng = "torch-cpu"};
  recipe.size = {64, 32};
  recipe.method = Diffusion{.steps = 25, .sampler = "dpmpp-2m", .scale = 7.5};
  recipe.arithmetic = {.precision = "fp32", .backend = "cpu"};
  return recipe;
}

TEST(Command, NamesEverySetting) {
  EXPECT_EQ(command_of(some_recipe(), "easel"),
            "easel draw \"a cat\" --steps 25 --sampler dpmpp-2m --scale 7.5 --seed 7 -W 64 -H 32");
}

TEST(Command, AddsWhatIsUnusual) {
  Recipe recipe = some_recipe();
  recipe.negative = "-rain";
  diffusion_of(recipe) = {.steps = 25,
                          .sampler = "ddim",
                          .scale = 7.5,
                          .eta = 0.5,
                          .guidance_interval = {.from = 0.125, .to = 0.75},
                          .deep_cache = {.every = 4}};
  recipe.arithmetic.precision = "fp16";
  recipe.model.name = "mine";
  recipe.seed.variation = Variation{.seed = 9, .strength = 0.25};
  recipe.enlarging = {.factor = 1.5, .upscaler = "x4.pth", .result = {100, 50}};
  recipe.grid = GridSize{4, 2};
  EXPECT_EQ(command_of(recipe, "./easel", {"--config", "a b.yaml"}),
            "./easel draw \"a cat\" --negative=-rain --steps 25 --sampler ddim --scale 7.5 "
            "--eta 0.5 --seed 7 -W 64 -H 32 -m mine --precision fp16 "
            "--guidance-interval 0.125:0.75 --fast cache:4 --variation 9:0.25 --upscale 1.5 "
            "--upscaler x4.pth --resize 100x50 --grid 4x2 --config \"a b.yaml\"");
}

TEST(Command, LeavesOutWhatTheProgramWouldDoAnyway) {
  Recipe recipe = some_recipe();
  recipe.enlarging = {.factor = 2, .upscaler = "upscaler", .result = {}};
  EXPECT_TRUE(command_of(recipe, "easel").ends_with(" -H 32 --upscale 2"));
}

// A file says of its noise what was asked, and its command asks the same.
TEST(Command, SaysTheNoiseThatWasAskedFor) {
  Recipe recipe = some_recipe();
  EXPECT_EQ(command_of(recipe, "easel").find("--eta"), std::string::npos);
  diffusion_of(recipe).sampler = "euler-a";
  for (const double eta : {0.0, 1.0}) {
    diffusion_of(recipe).eta = eta;
    EXPECT_NE(command_of(recipe, "easel").find("--eta " + text_of(eta) + " "), std::string::npos);
  }
}

TEST(Command, SaysBfloat16ByTheBackendThatHasIt) {
  Recipe recipe = some_recipe();
  recipe.arithmetic = {.precision = "bf16", .backend = "onednn"};
  EXPECT_TRUE(command_of(recipe, "easel").ends_with(" -H 32 --backend onednn"));
}

TEST(Command, PutsAPromptLikeAnOptionLast) {
  Recipe recipe = some_recipe();
  recipe.prompt = "--force";
  EXPECT_TRUE(command_of(recipe, "easel").ends_with(" -- --force"));
}

TEST(Command, KnowsARunOfTxt2img) {
  Recipe recipe = some_recipe();
  diffusion_of(recipe).sampler = "plms";
  diffusion_of(recipe).eta = 0;
  recipe.seed.shared = SharedGenerator{.iterations = 2, .samples = 4, .picture = 5};
  EXPECT_EQ(command_of(recipe, "easel"),
            "easel txt2img --prompt \"a cat\" --ddim_steps 25 --scale 7.5 --ddim_eta 0 --seed 7 "
            "--W 64 --H 32 --ckpt default --n_iter 2 --n_samples 4 --plms");
}

TEST(Command, IsEmptyWithoutASeed) {
  Recipe recipe = some_recipe();
  recipe.seed.seed.reset();
  EXPECT_EQ(command_of(recipe, "easel"), "");
}

TEST(Command, TakesNoOrdersFromAPicture) {
  Recipe recipe = some_recipe();
  diffusion_of(recipe).sampler = "x; rm -rf /";
  recipe.model.name = "$(reboot)";
  const std::string command = command_of(recipe, "easel");
  EXPECT_NE(command.find("\"x; rm -rf /\""), std::string::npos);
  EXPECT_NE(command.find("'$(reboot)'"), std::string::npos);
}

TEST(Grid, ReadsColumnsAndRows) {
  GridSize grid;
  ASSERT_TRUE(read_text("4x2", grid));
  EXPECT_EQ(grid, (GridSize{4, 2}));
  for (const char* bad :
       {"", "4", "x", "4x", "x2", "0x1", "65x1", "4x2x1", "-1x2", "4 x 2", "1e1x1"})
    EXPECT_FALSE(read_text(bad, grid)) << bad;
}

}  // namespace
}  // namespace easel
