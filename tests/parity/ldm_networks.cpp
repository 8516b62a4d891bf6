#include "ldm_networks.h"

#include <gtest/gtest.h>

#include <numeric>

#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/unet.h"
#include "support/compare.h"

namespace easel::parity {
namespace {

using testing::BackendCase;
using testing::FixtureTensor;

// The timestep of a forward pass whose fixture names none.
constexpr float kUsualTimestep = 500;

std::filesystem::path weights_in(const std::filesystem::path& folder) {
  for (const char* name : {"model.ckpt", "model.safetensors"}) {
    if (std::filesystem::exists(folder / name)) return folder / name;
  }
  throw std::runtime_error("no model.ckpt or model.safetensors in " + folder.string());
}

// [B, C, H, W] -> [B, H, W, C]
Tensor pixels(Backend& backend, const FixtureTensor& t) {
  return from_nchw(backend, t.values, {t.shape[0], t.shape[2], t.shape[3], t.shape[1]});
}

std::vector<float> planes(Backend& backend, const Tensor& x) {
  std::vector<float> values(static_cast<std::size_t>(x.elements()));
  to_nchw(backend, x, values);
  return values;
}

void expect_near(const LdmFixture& fixture, std::span<const float> values, const char* name) {
  EXPECT_LE(testing::relative_rms(values, fixture.expected.at(name).values),
            fixture.expected.tolerance("network"))
      << name;
}

}  // namespace

LdmFixture::LdmFixture(const std::filesystem::path& where)
    : folder(where),
      file(weights_in(where)),
      weights(open_weights(file)),
      config(read_ldm_config(where / "config.yaml")),
      expected(where / "expected.safetensors") {
  complete_from_weights(config, weights);
}

void compare_text_encoder(const LdmFixture& fixture, const BackendCase& which) {
  const auto backend = which.make();
  const Scope scope = Scope(fixture.weights) / "cond_stage_model" / "transformer";
  const BertTextEncoder encoder({*backend, scope}, fixture.config.text);
  const std::vector<float>& ids = fixture.expected.at("tokens").values;
  const Tensor context = encoder(std::vector<std::int32_t>(ids.begin(), ids.end()));
  expect_near(fixture, testing::values_of(*backend, context), "context");
  EXPECT_NO_THROW(scope.require_all_taken());
}

void compare_unet(const LdmFixture& fixture, const std::string& name, const BackendCase& which) {
  const auto backend = which.make();
  const Scope scope = Scope(fixture.weights) / "model.diffusion_model";
  const UNet unet({*backend, scope}, fixture.config.unet);
  EXPECT_NO_THROW(scope.require_all_taken());
  const Tensor x = pixels(*backend, fixture.expected.at(name + ".x"));
  const auto batch = static_cast<std::size_t>(x.batch());
  std::vector<float> timesteps(batch, kUsualTimestep);
  if (fixture.expected.has(name + ".t")) timesteps = fixture.expected.at(name + ".t").values;
  const FixtureTensor& all = fixture.expected.at("context");
  const auto rows = static_cast<std::size_t>(all.shape[1] * all.shape[2]);
  const Tensor context = testing::tensor_of(*backend, {x.batch(), all.shape[1], all.shape[2]},
                                            std::span(all.values).first(batch * rows));
  const UNetContext keys = unet.prepare_context(context);
  const TimeEmbeddings time = unet.embed_timesteps({.timesteps = timesteps});
  std::vector<int> each(batch);
  std::iota(each.begin(), each.end(), 0);
  const Tensor out =
      unet(x, {.time = time, .time_rows = each, .context = keys, .context_of = each});
  expect_near(fixture, planes(*backend, out), (name + ".out").c_str());
}

void compare_decoder(const LdmFixture& fixture, const BackendCase& which) {
  const auto backend = which.make();
  const AutoencoderKlDecoder decoder({*backend, Scope(fixture.weights) / "first_stage_model"},
                                     fixture.config.autoencoder);
  const Tensor picture = decoder(pixels(*backend, fixture.expected.at("vae.z")));
  expect_near(fixture, planes(*backend, picture), "vae.image");
}

void compare_encoder(const LdmFixture& fixture, const BackendCase& which) {
  const auto backend = which.make();
  const Scope scope = Scope(fixture.weights) / "first_stage_model";
  const AutoencoderKlEncoder encoder({*backend, scope}, fixture.config.autoencoder);
  const Tensor moments = encoder(pixels(*backend, fixture.expected.at("vae.in")));
  expect_near(fixture, planes(*backend, moments), "vae.moments");
  const AutoencoderKlDecoder decoder({*backend, scope}, fixture.config.autoencoder);
  EXPECT_NO_THROW(scope.require_all_taken());
}

void compare_schedule(const LdmFixture& fixture) {
  const Schedule schedule(fixture.config.schedule);
  if (fixture.expected.has("betas")) {
    EXPECT_TRUE(std::ranges::equal(schedule.betas(), fixture.expected.at("betas").values));
  }
  const auto& alphas = fixture.expected.at("alphas_cumprod").values;
  EXPECT_TRUE(std::ranges::equal(schedule.alphas_cumprod(), alphas));
}

}  // namespace easel::parity
