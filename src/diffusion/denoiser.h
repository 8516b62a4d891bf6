#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "diffusion/noise_levels.h"
#include "diffusion/schedule.h"

namespace easel {

/// A trained network as diffusion sees it: noisy latents x (in the training's scaling) and their
/// timestep in, its prediction out. Both spans have the same size, layout is the caller's.
using Network = std::function<void(std::span<const float> x, float timestep, std::span<float> out)>;

/// What the network predicts (latent-diffusion's `parameterization`).
enum class Parameterization {
  kEps,  ///< the noise
  kX0,   ///< the picture
  kV,    ///< sqrt(a) eps - sqrt(1 - a) x0 (Salimans and Ho 2022)
};

/// "eps", "x0", "v" (and diffusers' "epsilon", "sample", "v_prediction"). Throws kUnsupported.
Parameterization parameterization_named(std::string_view name);
/// "eps", "x0", "v".
std::string_view name_of(Parameterization parameterization);

/// The noise in x at a timestep of the schedule, for DDIM and PLMS:
/// x = sqrt(a) x0 + sqrt(1 - a) eps.
using EpsModel = std::function<void(std::span<const float> x, int timestep, std::span<float> eps)>;
EpsModel eps_model(Network network, Parameterization parameterization, const Schedule& schedule);

/// The picture in x at a timestep, in the same scaling: also where a is 0, and v is the picture's
/// negative. REQUIRES: kEps only for timesteps with a > 0
using PictureModel = std::function<void(std::span<const float> x, int timestep, std::span<float>)>;
PictureModel picture_model(Network network, Parameterization parameterization,
                           const Schedule& schedule);

/// The picture in x at a noise level, for the samplers that follow Karras et al. 2022:
/// x = x0 + sigma eps.
using Denoiser = std::function<void(std::span<const float> x, double sigma, std::span<float> x0)>;
/// With `told`: the network is told these timesteps, else the schedule's between its own.
Denoiser denoiser(Network network, Parameterization parameterization, const Schedule& schedule,
                  TimeOf told = {});

/// Changes what the network says the finished picture is before the sampler goes on with it: the
/// part that is kept of a given picture (inpainting), values that no picture has (clipping).
using Correction = std::function<void(std::span<float> x0, double sigma)>;

/// The same models with every prediction corrected. The schedule outlives the result.
EpsModel corrected(EpsModel model, Correction correct, const Schedule& schedule);
PictureModel corrected_pictures(PictureModel model, Correction correct, const Schedule& schedule);
Denoiser corrected(Denoiser model, Correction correct);

}  // namespace easel
