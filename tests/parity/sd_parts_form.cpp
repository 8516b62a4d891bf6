// Parts of Stable Diffusion that people bring by themselves: TAESD's decoder, a denoiser in 8-bit
// floats, another autoencoder.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "backends.h"
#include "form.h"
#include "models/autoencoder_kl.h"
#include "models/taesd.h"
#include "nn/tensor_ops.h"
#include "pipeline/parts/network_shapes.h"
#include "sd_networks.h"
#include "support/compare.h"
#include "support/tensors.h"
#include "weights/maps/autoencoder.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

using Shared = std::shared_ptr<const testing::Expected>;

Weights nothing() { return Weights(WeightsFormat::kMemory, {}); }

Tensor image(Backend& backend, const testing::FixtureTensor& t) {
  return from_nchw(backend, t.values, {t.shape[0], t.shape[2], t.shape[3], t.shape[1]});
}

std::vector<float> planes(Backend& backend, const Tensor& x) {
  std::vector<float> values(static_cast<std::size_t>(x.elements()));
  to_nchw(backend, x, values);
  return values;
}

void compare_taesd(const fs::path& folder, const testing::Expected& expected,
                   const testing::BackendCase& which) {
  const auto backend = which.make();
  const Weights weights =
      with_autoencoder(nothing(), open_weights(folder / "taesd_decoder.safetensors"));
  const TaesdDecoder decoder({*backend, Scope(weights) / "taesd"});
  testing::FixtureTensor z = expected.at("taesd.z");
  std::ranges::transform(z.values, z.values.begin(), squash_latent);
  EXPECT_LE(testing::relative_rms(planes(*backend, decoder(image(*backend, z))),
                                  expected.at("taesd.image").values),
            expected.tolerance("network"));
}

void compare_autoencoder(const fs::path& folder, const testing::Expected& expected,
                         const testing::BackendCase& which) {
  const auto backend = which.make();
  const Weights weights =
      with_autoencoder(nothing(), open_weights(folder / "vae-bf16.safetensors"));
  const Scope scope = Scope(weights) / "first_stage_model";
  const AutoencoderKlDecoder decoder({*backend, scope}, autoencoder_from_shapes(scope));
  EXPECT_LE(testing::relative_rms(planes(*backend, decoder(image(*backend, expected.at("vae.z")))),
                                  expected.at("vae.image").values),
            expected.tolerance("network"));
}

// 8-bit floats are exact in a float: every value of either kind, zero where it is none.
void compare_values(const testing::Expected& expected) {
  const std::vector<float>& values = expected.at("fp8.values").values;
  ASSERT_EQ(values.size(), 256u);
  for (int bits = 0; bits < 256; ++bits) {
    const float value = e4m3_to_float(static_cast<std::uint8_t>(bits));
    EXPECT_EQ(std::isnan(value) ? 0.0f : value, values[static_cast<std::size_t>(bits)]) << bits;
  }
}

// The denoiser alone, on the input of the whole model that lies beside the folder and has its
// sizes.
void compare_denoiser(const fs::path& folder, const testing::Expected& expected,
                      const testing::BackendCase& which) {
  const Weights weights = open_weights(folder / "unet-fp8.safetensors");
  const Scope scope = Scope(weights) / "model" / "diffusion_model";
  for (const auto& entry : fs::directory_iterator(folder.parent_path())) {
    if (!stable_diffusion_form().recognises(entry.path())) continue;
    const SdFixture fixture(entry.path());
    if (fixture.networks == nullptr || fixture.model() == fixture.folder) continue;
    const DiffusionParts& parts = open_model(fixture, which);
    UNetConfig config = unet_from_shapes(scope);
    const UNetConfig& sizes = parts.unet->config();
    if (config.depths != sizes.depths || config.context_channels != sizes.context_channels ||
        config.model_channels != sizes.model_channels || config.in_channels != sizes.in_channels ||
        config.channel_mult != sizes.channel_mult) {
      continue;
    }
    config.num_heads = sizes.num_heads;
    config.num_head_channels = sizes.num_head_channels;
    const UNet unet({*parts.backend, scope}, config);
    EXPECT_LE(testing::relative_rms(first_forward(fixture, *parts.backend, unet),
                                    expected.at("fp8.unet.out").values),
              expected.tolerance("network"));
    return;
  }
  FAIL() << "no model beside " << folder << " has the denoiser's sizes";
}

bool recognises(const fs::path& folder) {
  return fs::exists(folder / "taesd_decoder.safetensors") &&
         fs::exists(folder / "expected.safetensors");
}

std::vector<Case> cases(const fs::path& folder) {
  const auto expected = std::make_shared<const testing::Expected>(folder / "expected.safetensors");
  std::vector<Case> all;
  on_every_backend(all, "taesd", [folder, expected](const auto& which) {
    compare_taesd(folder, *expected, which);
  });
  on_every_backend(all, "autoencoder_bf16", [folder, expected](const auto& which) {
    compare_autoencoder(folder, *expected, which);
  });
  on_every_backend(all, "denoiser_fp8", [folder, expected](const auto& which) {
    compare_denoiser(folder, *expected, which);
  });
  all.push_back({"fp8.values", [expected] { compare_values(*expected); }});
  return all;
}

}  // namespace

FixtureForm sd_parts_form() {
  return {.name = "parts of Stable Diffusion", .recognises = recognises, .cases = cases};
}

}  // namespace easel::parity
