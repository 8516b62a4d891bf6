#include "server/app/views.h"

#include <gtest/gtest.h>

namespace easel::server {
namespace {

TEST(Views, ACommandDrawsThePictureAgain) {
  PictureRecord picture;
  picture.prompt = "it's a $(cat)";
  picture.sampler = "ddim";
  picture.steps = 5;
  picture.scale = 7.5;
  picture.seed = 9;
  picture.native_width = picture.native_height = 64;
  picture.model = "default";
  EXPECT_EQ(
      command_of(picture),
      "easel draw 'it'\\''s a $(cat)' --steps 5 --sampler ddim --scale 7.5 --seed 9 --width 64 "
      "--height 64 --model 'default'");
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'700'000'000'042), "2023-11-14T22:13:20.042Z");
}

}  // namespace
}  // namespace easel::server
