#include "atelier/enlarger.h"

#include <gtest/gtest.h>

#include "support/errors.h"

namespace easel {
namespace {

const Image kPicture({6, 4}, 3);

TEST(Enlargers, LanczosTakesAnyFactorAndLeavesAPixelAtLeast) {
  const Enlarger lanczos = lanczos_enlarger();
  EXPECT_EQ(lanczos.run(kPicture, 2, nullptr).size(), (Image::Size{12, 8}));
  EXPECT_EQ(lanczos.run(kPicture, 1.4, nullptr).size(), (Image::Size{8, 6}));
  EXPECT_EQ(lanczos.run(kPicture, 0.01, nullptr).size(), (Image::Size{1, 1}));
}

TEST(Enlargers, AFinishedPictureIsEnlargedThenResized) {
  const Enlarger lanczos = lanczos_enlarger();
  const auto size = [&](const Enlarging& wanted) {
    return finished(kPicture, wanted, &lanczos, nullptr).size();
  };
  EXPECT_EQ(size({.factor = 2}), (Image::Size{12, 8}));
  EXPECT_EQ(size({.factor = 2, .result = {5, 5}}), (Image::Size{5, 5}));
  EXPECT_EQ(finished(kPicture, {.result = {5, 5}}, nullptr, nullptr).size(), (Image::Size{5, 5}));
  EXPECT_EQ(finished(kPicture, {}, nullptr, nullptr), kPicture);
}

TEST(Enlargers, TheOneThatShipsIsTheDefaultElseTheFirst) {
  std::vector<Enlarger> all = {{.name = "x4"}, {.name = "upscaler"}, lanczos_enlarger()};
  choose_default(all);
  EXPECT_EQ(find_enlarger(all, "")->name, "upscaler");
  EXPECT_EQ(find_enlarger(all, "lanczos")->name, "lanczos");
  EXPECT_EQ(find_enlarger(all, "nope"), nullptr);
  all.erase(all.begin() + 1);
  choose_default(all);
  EXPECT_EQ(find_enlarger(all, "")->name, "x4");
}

TEST(Enlargers, ANetworkIsReadAtOnceOrWhenItIsNeeded) {
  const UpscalerLocation nowhere{.path = "/nowhere/x4.pth", .blend = {}};
  testing::message_of(ErrorCode::kNotFound,
                      [&] { network_enlarger("x4", nowhere, {}, Reading::kNow); });
  const Enlarger later = network_enlarger("x4", nowhere, {}, Reading::kWhenNeeded);
  testing::message_of(ErrorCode::kNotFound, [&] { later.run(kPicture, 2, nullptr); });
}

}  // namespace
}  // namespace easel
