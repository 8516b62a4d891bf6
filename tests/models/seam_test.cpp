// The networks on a backend with no memory behind its addresses: whoever follows one but a backend
// ends this program. Also what a pass asks of a backend, counted.

#include <gtest/gtest.h>

#include <numeric>

#include "backend/dry/dry.h"
#include "backend/profile.h"
#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/rrdbnet.h"
#include "models/srvgg.h"
#include "models/unet.h"
#include "weights/scope.h"

namespace easel {
namespace {

class Seam : public ::testing::Test {
 protected:
  Place at() { return {*watched_, Scope::imagined(1)}; }
  Tensor tensor(Shape shape) { return {dry_->arena(), shape}; }
  std::int64_t calls(std::string_view beginning = "") const {
    std::int64_t total = 0;
    for (const auto& [name, entry] : profile_) {
      if (name.starts_with(beginning)) total += entry.calls;
    }
    return total;
  }

  std::unique_ptr<Backend> dry_ = make_dry_backend();
  Profile profile_;
  std::unique_ptr<Backend> watched_ = make_profiling_backend(*dry_, profile_);
};

TEST_F(Seam, TheTextEncoderFollowsNoAddress) {
  const BertTextEncoder encoder(at(), {.vocabulary = 100, .channels = 32, .depth = 2, .inner = 64});
  EXPECT_EQ(encoder(std::vector<std::int32_t>(2 * 77, 7)).shape(), Shape({2, 77, 32}));
}

TEST_F(Seam, TheAutoencoderFollowsNoAddress) {
  const AutoencoderKlConfig config{.channels = 32, .channel_mult = {1, 2}};
  EXPECT_EQ(AutoencoderKlDecoder(at(), config)(tensor({2, 8, 6, 4})).shape(),
            Shape({2, 16, 12, 3}));
  EXPECT_EQ(AutoencoderKlEncoder(at(), config)(tensor({1, 16, 12, 3})).shape(),
            Shape({1, 8, 6, 8}));
}

TEST_F(Seam, TheUpscalersFollowNoAddress) {
  EXPECT_EQ(RrdbNet(at(), {.blocks = 1, .unshuffle = 2})(tensor({1, 8, 6, 3})).shape(),
            Shape({1, 16, 12, 3}));
  EXPECT_EQ(Srvgg(at(), {.convolutions = 2, .scale = 3})(tensor({1, 8, 6, 3})).shape(),
            Shape({1, 24, 18, 3}));
}

// The published text2img-large: each operation is a dispatch on a device, whose cost a small
// picture does not hide.
TEST_F(Seam, AGuidedStepOfTheLargeUNetAsksForTheSameOperationsForAnyBatch) {
  const UNetConfig config;
  const UNet unet(at(), config);
  const UNetContext context = unet.prepare_context(tensor({2, 77, config.context_channels}));
  const TimeEmbeddings time = unet.embed_timesteps({.timesteps = std::vector<float>{500, 480}});
  for (const int pictures : {1, 4}) {
    const std::vector<int> rows(static_cast<std::size_t>(pictures), 1);
    std::vector<int> context_of(rows.size(), 0);
    context_of.resize(2 * rows.size(), 1);
    const UNetConditioning how{
        .time = time, .time_rows = rows, .context = context, .context_of = context_of};
    const Tensor x = tensor({pictures, 32, 32, 4});
    const Tensor warm = unet(x, how);
    const std::size_t reserved = dry_->arena().bytes_reserved();
    profile_.clear();

    const Tensor out = unet(x, how);

    EXPECT_EQ(out.shape(), Shape({2 * pictures, 32, 32, 4}));
    EXPECT_EQ(calls(), 359) << pictures << " pictures";
    EXPECT_EQ(calls("attend"), 2 * 16);
    EXPECT_EQ(calls("gather"), 0);
    EXPECT_EQ(calls("upload") + calls("download"), 0);
    EXPECT_EQ(dry_->arena().bytes_reserved(), reserved);
  }
}

TEST_F(Seam, PicturesAtTimestepsOfTheirOwnGatherOneRowEach) {
  const UNetConfig config{.model_channels = 32, .channel_mult = {1, 2}, .context_channels = 8};
  const UNet unet(at(), config);
  const UNetContext context = unet.prepare_context(tensor({1, 77, 8}));
  const TimeEmbeddings time = unet.embed_timesteps({.timesteps = std::vector<float>{500, 480}});
  const std::vector<int> rows = {1, 0}, context_of = {0, 0};
  const Tensor out =
      unet(tensor({2, 8, 8, 4}),
           {.time = time, .time_rows = rows, .context = context, .context_of = context_of});
  EXPECT_EQ(out.shape(), Shape({2, 8, 8, 4}));
  EXPECT_GT(calls("gather rows"), 0);
}

}  // namespace
}  // namespace easel
