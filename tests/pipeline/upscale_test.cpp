// What enlarging promises, with ESRGAN files of every dialect.

#include "pipeline/upscale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "models.h"
#include "nn/tensor_ops.h"
#include "pipeline/families/esrgan/esrgan.h"
#include "pipeline/tiles.h"
#include "support/compare.h"
#include "support/errors.h"
#include "support/temporary_folder.h"
#include "weights/maps/esrgan.h"

namespace easel {
namespace {

using testing::BackendCase;
using ::testing::HasSubstr;
using testing::message_of;

std::filesystem::path esrgan(const std::string& name) {
  return testing::fixture("esrgan-mini") / name;
}

struct Dialect {
  std::string file;
  int scale;
};
const std::vector<Dialect> kDialects = {
    {"esrgan_x4.pth", 4},
    {"old_arch_x4.pth", 4},
    {"realesrgan_x4.pth", 4},
    {"realesrgan_x2.pth", 2},
    {"realesrgan_x1_module_half.pth", 1},
    {"old_arch_x2.pth", 2},
    {"old_arch_x1.pth", 1},
    {"srvgg_x4.pth", 4},
};

// A picture with soft and hard edges.
Image test_picture(Image::Size size, int channels, int bits = 8) {
  std::vector<float> values;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const double wave = std::sin(0.21 * x + 0.5 * c) * std::cos(0.17 * y);
        values.push_back(
            static_cast<float>(0.5 + 0.3 * wave + ((x / 9 + y / 7) % 2 ? 0.15 : -0.15)));
      }
    }
  }
  return image_from_floats(values, size, channels, bits);
}

int largest_step(const Image& a, const Image& b) {
  int most = 0;
  for (std::size_t i = 0; i < a.samples(); ++i) {
    most = std::max(most, std::abs(int{a.samples8()[i]} - int{b.samples8()[i]}));
  }
  return most;
}

class Upscale : public ::testing::Test {
 protected:
  static Upscaler open(const std::string& name, int threads = 2) {
    return {{.path = esrgan(name)},
            {.backend = testing::options_of(testing::usual_backend(), threads)}};
  }
};

TEST_F(Upscale, TilesDoNotShowAtTheReceptiveRadius) {
  const Image picture = test_picture({.width = 150, .height = 130}, 3);
  for (const std::string name : {"realesrgan_x4.pth", "realesrgan_x2.pth", "srvgg_x4.pth"}) {
    Upscaler upscaler = open(name);
    const Image whole = upscaler.upscale(picture);
    const Image tiled =
        upscaler.upscale(picture, {.tile = 64, .overlap = upscaler.info().receptive_radius});
    EXPECT_LE(largest_step(whole, tiled), 1) << name;
    const Image usual = upscaler.upscale(picture, {.tile = 64});
    EXPECT_LE(largest_step(whole, usual), 2) << name;
  }
}

TEST_F(Upscale, TilesWithoutOverlapWouldShow) {
  Upscaler upscaler = open("realesrgan_x4.pth");
  const Image picture = test_picture({.width = 100, .height = 40}, 3);
  EXPECT_GT(largest_step(upscaler.upscale(picture),
                         upscaler.upscale(picture, {.tile = 50, .overlap = 0})),
            2);
}

TEST_F(Upscale, SizesThatDoNotDivideByTheShuffleKeepTheirProportions) {
  const Image picture = test_picture({.width = 13, .height = 7}, 3);
  for (const Dialect& dialect : kDialects) {
    const Image result = open(dialect.file).upscale(picture);
    EXPECT_EQ(result.width(), 13 * dialect.scale) << dialect.file;
    EXPECT_EQ(result.height(), 7 * dialect.scale) << dialect.file;
  }
}

TEST_F(Upscale, AnyFactorIsReached) {
  Upscaler upscaler = open("srvgg_x4.pth");
  const Image picture = test_picture({.width = 30, .height = 20}, 3);
  for (const double scale : {0.5, 1.0, 2.5, 6.0}) {
    const Image result = upscaler.upscale(picture, {.scale = scale});
    EXPECT_EQ(result.width(), static_cast<int>(std::lround(30 * scale)));
    EXPECT_EQ(result.height(), static_cast<int>(std::lround(20 * scale)));
  }
}

TEST_F(Upscale, GrayAlphaAndSixteenBitsAreKept) {
  Upscaler upscaler = open("srvgg_x4.pth");
  for (const int channels : {1, 3, 4}) {
    for (const int bits : {8, 16}) {
      const Image picture = test_picture({.width = 16, .height = 12}, channels, bits);
      const Image result = upscaler.upscale(picture);
      EXPECT_EQ(result.channels(), channels);
      EXPECT_EQ(result.bits(), bits);
    }
  }
}

TEST_F(Upscale, AlphaIsEnlargedApart) {
  Upscaler upscaler = open("realesrgan_x4.pth");
  Image opaque = test_picture({.width = 20, .height = 16}, 4), veiled = opaque;
  for (std::size_t i = 3; i < opaque.samples(); i += 4) {
    opaque.samples8()[i] = 255;
    veiled.samples8()[i] = static_cast<std::uint8_t>(i % 200);
  }
  const Image a = upscaler.upscale(opaque), b = upscaler.upscale(veiled);
  bool alpha_differs = false;
  for (std::size_t i = 0; i < a.samples(); ++i) {
    if (i % 4 == 3) {
      alpha_differs |= a.samples8()[i] != b.samples8()[i];
    } else {
      ASSERT_EQ(a.samples8()[i], b.samples8()[i]);
    }
  }
  EXPECT_TRUE(alpha_differs);
}

TEST_F(Upscale, TwoPixelsAreAPictureOneIsNot) {
  const Image line = test_picture({.width = 1, .height = 2}, 3);
  EXPECT_EQ(open("realesrgan_x2.pth").upscale(line).width(), 2);
  EXPECT_EQ(open("realesrgan_x1_module_half.pth").upscale(line).height(), 2);
  const Image dot = test_picture({.width = 1, .height = 1}, 3);
  Upscaler upscaler = open("srvgg_x4.pth");
  EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { upscaler.upscale(dot); }),
              HasSubstr("a single pixel"));
}

TEST_F(Upscale, AnyNumberOfThreadsGivesTheSameBytes) {
  const Image picture = test_picture({.width = 40, .height = 30}, 3);
  const Image expected = open("realesrgan_x4.pth", 1).upscale(picture);
  for (const int threads : {2, 3}) {
    EXPECT_EQ(open("realesrgan_x4.pth", threads).upscale(picture), expected);
  }
}

TEST_F(Upscale, StopsAtTheTileAfterBeingCancelled) {
  CancelToken cancel;
  int tiles = 0;
  Upscaler upscaler = open("srvgg_x4.pth");
  const UpscaleHooks hooks{.on_tile =
                               [&](int, int total, double) {
                                 EXPECT_EQ(total, 4);
                                 ++tiles;
                                 cancel.cancel();
                               },
                           .cancel = &cancel};
  message_of(ErrorCode::kCancelled, [&] {
    upscaler.upscale(test_picture({.width = 64, .height = 64}, 3), {.tile = 32}, hooks);
  });
  EXPECT_EQ(tiles, 1);
}

TEST_F(Upscale, BlendGoesFromOneNetworkToTheOther) {
  const testing::TemporaryFolder folder;
  const Image picture = test_picture({.width = 16, .height = 12}, 3);
  const Image first = open("old_arch_x2.pth").upscale(picture);
  const auto blended = [&](const std::string& other, double share) {
    return Upscaler({.path = esrgan("old_arch_x2.pth"),
                     .blend = UpscalerLocation::Blend{.path = esrgan(other), .share = share}},
                    {.backend = testing::options_of(testing::usual_backend())})
        .upscale(picture);
  };
  EXPECT_EQ(blended("old_arch_x2.pth", 0.3), first);
  EXPECT_THAT(message_of(ErrorCode::kWrongModel, [&] { blended("old_arch_x4.pth", 0.5); }),
              HasSubstr("conv_up2"));
  EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { blended("old_arch_x2.pth", 1.5); }),
              HasSubstr("1.5"));
}

TEST_F(Upscale, RefusesWhatCannotBeDone) {
  Upscaler upscaler = open("srvgg_x4.pth");
  const Image picture = test_picture({.width = 16, .height = 12}, 3);
  for (const double scale : {-1.0, 17.0, std::nan("")}) {
    EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { upscaler.upscale(picture, {.scale = scale}); }),
                HasSubstr("the scale is"));
  }
  const Image wide({.width = 30000, .height = 1}, 3);
  EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { upscaler.upscale(wide); }),
              HasSubstr("30000 pixels wide"));
  Upscaler small(
      {.path = esrgan("srvgg_x4.pth")},
      {.backend = testing::options_of(testing::usual_backend()), .memory_limit = 1'000'000});
  EXPECT_THAT(message_of(ErrorCode::kNoMemory, [&] { small.upscale(picture); }),
              HasSubstr("1000000 bytes"));
}

TEST_F(Upscale, NetworkWithoutChannelsIsRefused) {
  Weights::Entries entries;
  const Weights sound = open_weights(esrgan("realesrgan_x4.pth"));
  for (const auto& [name, entry] : sound.entries()) {
    entries.emplace(name, entry).first->second.source.shape = {0, 3, 3, 3};
  }
  EXPECT_THAT(message_of(ErrorCode::kWrongModel,
                         [&] {
                           esrgan_config_from_shapes(
                               with_basicsr_names({WeightsFormat::kMemory, std::move(entries)}));
                         }),
              HasSubstr("has no channels"));
}

TEST_F(Upscale, ModelOfAnotherKindIsNamed) {
  const std::string message = message_of(ErrorCode::kWrongModel, [] {
    Upscaler({.path = testing::ldm_mini()},
             {.backend = testing::options_of(testing::usual_backend())});
  });
  EXPECT_THAT(message, HasSubstr("a latent-diffusion text-to-image model"));
  EXPECT_THAT(message, HasSubstr("ESRGAN"));
}

TEST(Tiles, CoverALineOnceAndLookBeyondThemselvesWhereTheyCan) {
  const auto tiles = cut_tiles(100, 40, 10, 4);
  ASSERT_EQ(tiles.size(), 3u);
  int next = 0;
  for (const Tile& tile : tiles) {
    EXPECT_EQ(tile.first, next);
    EXPECT_LE(tile.size, 40);
    EXPECT_EQ(tile.first % 4, 0);
    EXPECT_EQ(tile.from % 4, 0);
    EXPECT_EQ(tile.from, std::max(0, tile.first - 12));
    EXPECT_EQ(tile.from + tile.length, std::min(100, tile.first + tile.size + 12));
    next += tile.size;
  }
  EXPECT_EQ(next, 100);
}

}  // namespace
}  // namespace easel
