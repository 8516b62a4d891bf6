// What pictures that begin at another one say of it, in every form.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recipe/forms.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Recipe edited() {
  Recipe recipe{.prompt = "a blue whale", .seed = {.seed = 7}, .size = {64, 96}};
  Diffusion& how = diffusion_of(recipe);
  how.steps = 25;
  how.sampler = "euler";
  how.scale = 5;
  how.editing = {.init = {.sha256 = std::string(64, 'a'), .file = "a, b.png"},
                 .strength = 0.5,
                 .resize_mode = "pad",
                 .masking = {.mask = {.sha256 = std::string(64, 'b'), .file = "mask.png"},
                             .blur = 0,
                             .grow = 3,
                             .invert = true,
                             .content = "noise",
                             .only_masked = true,
                             .padding = 16},
                 .extend = {.left = 128, .bottom = 64},
                 .image_scale = 1.25};
  how.tile = "xy";
  return recipe;
}

TEST(Edited, ComesBackFromEveryForm) {
  const Recipe recipe = edited();
  EXPECT_EQ(parse_parameters(to_parameters({.recipe = recipe})).recipe, recipe);
  EXPECT_EQ(parse_record(to_record(by_easel(recipe))).recipe, recipe);
  EXPECT_EQ(recipe_from_json(to_json(recipe)), recipe);
}

TEST(Edited, IsSaidInTheWordsOfAutomatic1111) {
  const std::string text = to_parameters({.recipe = edited()});
  for (const char* words :
       {"Denoising strength: 0.5", "Mask blur: 0", "Mask mode: Inpaint not masked",
        "Masked content: latent noise", "Inpaint area: Only masked", "Masked area padding: 16",
        "Tiling: True"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
}

TEST(Edited, TheCommandGivesThePictureAndEverySwitch) {
  const std::string command = command_of(edited(), "easel");
  for (const char* words : {"--init \"a, b.png\"", "--strength 0.5", "--mask mask.png",
                            "--mask-blur 0", "--mask-invert ", "--only-masked --padding 16",
                            "--extend left=128,bottom=64", "--tile xy"}) {
    EXPECT_THAT(command, HasSubstr(words));
  }
}

TEST(Edited, AnotherPictureUnderTheSameNameIsAnotherRecipe) {
  Recipe other = edited();
  diffusion_of(other).editing.init.file = "elsewhere.png";
  EXPECT_EQ(hash_of(other, ""), hash_of(edited(), ""));
  diffusion_of(other).editing.init.sha256 = std::string(64, 'c');
  EXPECT_NE(hash_of(other, ""), hash_of(edited(), ""));
}

TEST(Edited, ASecondPassHasTheStrengthThatAutomatic1111Reads) {
  Recipe recipe{.prompt = "x", .seed = {.seed = 7}};
  diffusion_of(recipe).second_pass = {
      .scale = 2, .strength = 0.6, .steps = 9, .upscaler = "latent-bicubic"};
  const std::string text = to_parameters({.recipe = recipe});
  EXPECT_THAT(text, HasSubstr("Denoising strength: 0.6"));
  EXPECT_THAT(text, HasSubstr("Hires upscaler: Latent (bicubic)"));
  EXPECT_EQ(parse_parameters(text).recipe, recipe);
  EXPECT_EQ(parse_record(to_record(by_easel(recipe))).recipe, recipe);
}

TEST(Edited, ARunOfImg2imgIsThatCommand) {
  Recipe recipe = edited();
  diffusion_of(recipe).sampler = "ddim";
  recipe.seed.shared = SharedGenerator{.iterations = 2, .samples = 3};
  const std::string command = command_of(recipe, "easel");
  EXPECT_THAT(command, HasSubstr("easel img2img --init-img \"a, b.png\" "));
  EXPECT_THAT(command, HasSubstr("--strength 0.5"));
  EXPECT_THAT(command, Not(HasSubstr("--W")));
}

}  // namespace
}  // namespace easel
