#include "server/app/views.h"

#include <gtest/gtest.h>

namespace easel::server {
namespace {

TEST(Views, APictureShowsWhatAClientMayAskFor) {
  PictureRecord picture;
  picture.width = picture.height = 128;
  Recipe& recipe = picture.recipe;
  recipe.prompt = "it's a $(cat)";
  recipe.method = Diffusion{.steps = 5, .sampler = "euler-a", .scale = 7.5};
  recipe.seed.seed = 9;
  recipe.size = {64, 64};
  recipe.model.name = "default";
  recipe.enlarging = {.factor = 4, .upscaler = "upscaler"};
  recipe.enlarged_again = {{.factor = 0.5, .upscaler = "lanczos"}};
  const Json json = to_json(picture);
  EXPECT_EQ(json["width"], Json(128));
  EXPECT_EQ(json["native_width"], Json(64));
  EXPECT_EQ(json["upscale"], Json(2.0));
  EXPECT_EQ(json["eta"], Json(1.0)) << "the sampler's own";
  EXPECT_TRUE(json["guidance_interval"].is_null());
  EXPECT_EQ(json["command"],
            Json("easel draw 'it'\\''s a $(cat)' --steps 5 --sampler euler-a --scale 7.5 "
                 "--seed 9 -W 64 -H 64 --upscale 4 --upscale-again 0.5:lanczos"));
}

TEST(Views, TimesAreInUtc) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'700'000'000'042), "2023-11-14T22:13:20.042Z");
}

}  // namespace
}  // namespace easel::server
