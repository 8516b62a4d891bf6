// What the networks of a latent-diffusion model promise, on a small one with random weights. (What
// they compute is compared with the original's in tests/parity.)

#include <gtest/gtest.h>

#include <numeric>

#include "models/unet.h"
#include "nn/tensor_ops.h"
#include "support/backends.h"
#include "support/fixture_file.h"
#include "support/tensors.h"
#include "weights/scope.h"

namespace easel {
namespace {

using testing::BackendCase;
using testing::FixtureTensor;

// As ldm-mini's config.yaml has it.
const UNetConfig kUNet{.model_channels = 32,
                       .channel_mult = {1, 1},
                       .num_res_blocks = 1,
                       .attention_resolutions = {2, 1},
                       .context_channels = 32};

class LdmMini : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    const auto folder = testing::fixture("ldm-mini");
    weights_ = std::make_unique<Weights>(open_weights(folder / "model.ckpt"));
    expected_ = testing::read_safetensors(folder / "expected.safetensors");
    backend_ = GetParam().make();
  }

  const FixtureTensor& expected(const std::string& name) const { return expected_.at(name); }

  // [B, C, H, W] -> [B, H, W, C]
  Tensor image(const std::string& name) const {
    const FixtureTensor& t = expected(name);
    return from_nchw(*backend_, t.values, {t.shape[0], t.shape[2], t.shape[3], t.shape[1]});
  }

  Tensor context(std::int64_t prompts) const {
    const auto size = static_cast<std::size_t>(prompts * 77 * 32);
    return testing::tensor_of(*backend_, {prompts, 77, 32},
                              std::span(expected("context").values).first(size));
  }

  std::vector<float> values(ConstView x) const { return testing::values_of(*backend_, x); }

  Tensor run_unet(const UNet& unet, const Tensor& x, std::vector<float> timesteps) const {
    const UNetContext keys = unet.prepare_context(context(x.batch()));
    const TimeEmbeddings time = unet.embed_timesteps({.timesteps = timesteps});
    std::vector<int> each(static_cast<std::size_t>(x.batch()));
    std::iota(each.begin(), each.end(), 0);
    return unet(x, {.time = time, .time_rows = each, .context = keys, .context_of = each});
  }

  UNet unet() const {
    return UNet(Place{*backend_, Scope(*weights_)} / "model.diffusion_model", kUNet);
  }

  std::unique_ptr<Weights> weights_;
  std::map<std::string, FixtureTensor> expected_;
  std::unique_ptr<Backend> backend_;
};

TEST_P(LdmMini, WhatTheHalvesOfGuidanceShareIsTheSameToTheByte) {
  const UNet network = unet();
  const Tensor x = image("unet.x");  // two pictures
  const UNetContext keys = network.prepare_context(context(2));
  const TimeEmbeddings time = network.embed_timesteps({.timesteps = std::vector<float>{400, 80}});
  const std::vector<int> rows = {0, 1}, context_of = {1, 1, 0, 0};

  const Tensor shared =
      network(x, {.time = time, .time_rows = rows, .context = keys, .context_of = context_of});
  const std::vector<int> repeated_rows = {0, 1, 0, 1};
  const Tensor plain = network(
      written_out(*backend_, x, 4),
      {.time = time, .time_rows = repeated_rows, .context = keys, .context_of = context_of});

  ASSERT_EQ(shared.shape(), plain.shape());
  EXPECT_TRUE(std::ranges::equal(values(shared), values(plain)));
}

TEST_P(LdmMini, PictureOfABatchEqualsThePictureAlone) {
  const UNet network = unet();
  const Tensor x = image("unet.x");
  const UNetContext keys = network.prepare_context(context(2));
  const TimeEmbeddings time = network.embed_timesteps({.timesteps = std::vector<float>{400, 80}});
  const std::vector<int> both = {0, 1}, second = {1};

  const Tensor batch =
      network(x, {.time = time, .time_rows = both, .context = keys, .context_of = both});
  Tensor x1(backend_->arena(), {1, x.dim(1), x.dim(2), x.dim(3)});
  backend_->copy(pictures_of(ConstView(x), 1, 1), x1);
  const TimeEmbeddings time1 = network.embed_timesteps({.timesteps = std::vector<float>{80}});
  const std::vector<int> first = {0};
  const Tensor alone =
      network(x1, {.time = time1, .time_rows = first, .context = keys, .context_of = second});

  EXPECT_EQ(values(alone), values(pictures_of(ConstView(batch), 1, 1)));
}

TEST_P(LdmMini, StepsAfterTheFirstTakeNoMoreMemory) {
  const UNet network = unet();
  const Tensor x = image("unet.wide.x");
  run_unet(network, x, {500});
  const std::size_t reserved = backend_->arena().bytes_reserved();
  run_unet(network, x, {400});
  run_unet(network, x, {300});
  EXPECT_EQ(backend_->arena().bytes_reserved(), reserved);
}

INSTANTIATE_TEST_SUITE_P(Backends, LdmMini, ::testing::ValuesIn(testing::all_backends()),
                         testing::backend_case_name);

}  // namespace
}  // namespace easel
