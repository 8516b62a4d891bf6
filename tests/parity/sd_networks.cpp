#include "sd_networks.h"

#include <gtest/gtest.h>

#include <optional>

#include "diffusion/guidance.h"
#include "nn/tensor_ops.h"
#include "pipeline/families/stable_diffusion/sd_probe.h"
#include "pipeline/parts/network_shapes.h"
#include "support/compare.h"
#include "support/tensors.h"

namespace easel::parity {
namespace {

using testing::FixtureTensor;
using testing::relative_rms;

/// A fixture's tensors on a backend.
struct OnBackend {
  Backend& backend;
  const testing::Expected& expected;

  Tensor image(const std::string& name) const {
    const FixtureTensor& t = expected.at(name);
    return from_nchw(backend, t.values, {t.shape[0], t.shape[2], t.shape[3], t.shape[1]});
  }
  // Rows [first, first + count) of the outermost dimension.
  Tensor rows(const std::string& name, std::int64_t first, std::int64_t count) const {
    const FixtureTensor& t = expected.at(name);
    std::vector<std::int64_t> dims = t.shape;
    dims[0] = count;
    const auto row = t.values.size() / static_cast<std::size_t>(t.shape[0]);
    return testing::tensor_of(backend, Shape(std::span<const std::int64_t>(dims)),
                              std::span(t.values).subspan(static_cast<std::size_t>(first) * row,
                                                          static_cast<std::size_t>(count) * row));
  }
  std::vector<float> planes(const Tensor& x) const {
    std::vector<float> values(static_cast<std::size_t>(x.elements()));
    to_nchw(backend, x, values);
    return values;
  }
};

struct Forward {
  Tensor x;
  std::vector<float> timesteps;
  Tensor context;  ///< a row a picture
  std::optional<Tensor> labels;
  std::vector<float> guidance = {};
};

Tensor run(const UNet& unet, const Forward& forward) {
  UNetTimes times{.timesteps = forward.timesteps, .guidance = forward.guidance};
  if (forward.labels) times.labels = *forward.labels;
  const TimeEmbeddings embedded = unet.embed_timesteps(times);
  const UNetContext keys = unet.prepare_context(forward.context);
  std::vector<int> time_rows, context_of;
  for (int i = 0; i < static_cast<int>(forward.x.batch()); ++i) {
    time_rows.push_back(embedded.row(forward.timesteps.size() == 1 ? 0 : i, i));
    context_of.push_back(i);
  }
  return unet(
      forward.x,
      {.time = embedded, .time_rows = time_rows, .context = keys, .context_of = context_of});
}

// The timestep of a forward pass whose fixture names none.
constexpr float kUsualTimestep = 500;

Forward forward_of(const OnBackend& on, const std::string& name) {
  const bool first = name == "unet";
  const std::string x = on.expected.has(name + ".x") ? name + ".x" : "unet.wide.x";
  Forward forward{.x = on.image(x), .timesteps = {kUsualTimestep}, .context = {}, .labels = {}};
  if (on.expected.has(name + ".t")) forward.timesteps = on.expected.at(name + ".t").values;
  if (on.expected.has(name + ".context")) {
    forward.context = on.rows(name + ".context", 0, 1);
  } else {
    forward.context = first ? on.rows("context", 0, forward.x.batch()) : on.rows("context", 2, 1);
  }
  if (!on.expected.has("unet.y")) return forward;
  forward.labels = first ? on.rows("unet.y", 0, forward.x.batch()) : on.rows("vector", 2, 1);
  return forward;
}

}  // namespace

void compare_denoiser_to(const SdFixture& fixture, const std::string& name,
                         std::span<const float> wanted, const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const OnBackend on{*parts.backend, *fixture.networks};
  EXPECT_LE(relative_rms(on.planes(run(parts.unet->network(), forward_of(on, name))), wanted),
            on.expected.tolerance("network"));
}

void compare_guided_denoiser(const SdFixture& fixture, const GuidanceOfDenoiser& guidance,
                             const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which, guidance.weights);
  const OnBackend on{*parts.backend, *fixture.networks};
  Forward forward = forward_of(on, "unet.wide");
  forward.guidance.resize(static_cast<std::size_t>(parts.unet->config().guidance_channels));
  guidance_embedding(guidance.scale, forward.guidance);
  const testing::Expected& expected = fixture.expected;
  if (expected.has("lcm.guidance_embedding")) {
    // The original takes sines of 1000 (scale - 1) in float32, whose last bit is so much of an
    // angle.
    const double angle = 1000 * (guidance.scale - 1) * 0x1p-23;
    EXPECT_LE(
        testing::largest_difference(forward.guidance, expected.at("lcm.guidance_embedding").values),
        angle);
  }
  EXPECT_LE(relative_rms(on.planes(run(parts.unet->network(), forward)),
                         expected.at("lcm.unet.out").values),
            expected.tolerance("network"));
}

void compare_probe(const SdFixture& fixture, const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const float mean = static_cast<float>(probe_mean(*parts.backend, parts.unet->network()));
  EXPECT_LE(relative_rms({&mean, 1}, fixture.networks->at("v_probe").values),
            fixture.networks->tolerance("network"));
}

std::vector<float> first_forward(const SdFixture& fixture, Backend& backend, const UNet& unet) {
  const OnBackend on{backend, *fixture.networks};
  return on.planes(run(unet, forward_of(on, "unet")));
}

void compare_denoiser(const SdFixture& fixture, const std::string& name,
                      const testing::BackendCase& which) {
  compare_denoiser_to(fixture, name, fixture.networks->at(name + ".out").values, which);
}

void compare_latents_to_picture(const SdFixture& fixture, const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const OnBackend on{*parts.backend, *fixture.networks};
  const Scope scope = Scope(*parts.weights) / "first_stage_model";
  const AutoencoderKlDecoder decoder({on.backend, scope}, autoencoder_from_shapes(scope));
  EXPECT_LE(relative_rms(on.planes(decoder(on.image("vae.z"))), on.expected.at("vae.image").values),
            on.expected.tolerance("network"));
}

void compare_picture_to_latents(const SdFixture& fixture, const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const OnBackend on{*parts.backend, *fixture.networks};
  const Scope scope = Scope(*parts.weights) / "first_stage_model";
  const AutoencoderKlEncoder encoder({on.backend, scope}, autoencoder_from_shapes(scope));
  EXPECT_LE(
      relative_rms(on.planes(encoder(on.image("vae.in"))), on.expected.at("vae.moments").values),
      on.expected.tolerance("network"));
}

}  // namespace easel::parity
