#include "diffusion/denoiser.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/printable.h"

namespace easel {

Parameterization parameterization_named(std::string_view name) {
  if (name == "eps" || name == "epsilon") return Parameterization::kEps;
  if (name == "x0" || name == "sample") return Parameterization::kX0;
  if (name == "v" || name == "v_prediction") return Parameterization::kV;
  fail(ErrorCode::kUnsupported, "the parameterization \"{}\" is not supported: eps, x0 and v are",
       printable(name));
}

std::string_view name_of(Parameterization parameterization) {
  switch (parameterization) {
    case Parameterization::kEps:
      return "eps";
    case Parameterization::kX0:
      return "x0";
    case Parameterization::kV:
      return "v";
  }
  return "";
}

EpsModel eps_model(Network network, Parameterization parameterization, const Schedule& schedule) {
  return [network = std::move(network), parameterization, &schedule](
             std::span<const float> x, int timestep, std::span<float> eps) {
    network(x, static_cast<float>(timestep), eps);
    const float alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(timestep)];
    const float signal = std::sqrt(alpha);
    const float noise = std::sqrt(1.0f - alpha);
    switch (parameterization) {
      case Parameterization::kEps:
        return;
      case Parameterization::kX0:
        for (std::size_t i = 0; i < x.size(); ++i) eps[i] = (x[i] - signal * eps[i]) / noise;
        return;
      case Parameterization::kV:
        for (std::size_t i = 0; i < x.size(); ++i) eps[i] = signal * eps[i] + noise * x[i];
        return;
    }
  };
}

PictureModel picture_model(Network network, Parameterization parameterization,
                           const Schedule& schedule) {
  return [network = std::move(network), parameterization, &schedule](
             std::span<const float> x, int timestep, std::span<float> x0) {
    network(x, static_cast<float>(timestep), x0);
    const float alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(timestep)];
    const float signal = std::sqrt(alpha);
    const float noise = std::sqrt(1.0f - alpha);
    switch (parameterization) {
      case Parameterization::kEps:
        for (std::size_t i = 0; i < x.size(); ++i) x0[i] = (x[i] - noise * x0[i]) / signal;
        return;
      case Parameterization::kX0:
        return;
      case Parameterization::kV:
        for (std::size_t i = 0; i < x.size(); ++i) x0[i] = signal * x[i] - noise * x0[i];
        return;
    }
  };
}

// With a = 1 / (1 + sigma^2) the network sees sqrt(a) x (the preconditioning of Karras et al. 2022,
// table 1, "VP" and "DDIM" for eps).
Denoiser denoiser(Network network, Parameterization parameterization, const Schedule& schedule,
                  TimeOf told) {
  if (!told) told = time_of({}, schedule);
  auto scaled = std::make_shared<std::vector<float>>();
  return [network = std::move(network), parameterization, told = std::move(told), scaled](
             std::span<const float> x, double sigma, std::span<float> x0) {
    const auto signal = static_cast<float>(1 / std::sqrt(1 + sigma * sigma));
    const auto noise = static_cast<float>(sigma);
    scaled->resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) (*scaled)[i] = signal * x[i];
    network(*scaled, told(sigma), x0);
    switch (parameterization) {
      case Parameterization::kEps:
        for (std::size_t i = 0; i < x.size(); ++i) x0[i] = x[i] - noise * x0[i];
        return;
      case Parameterization::kX0:
        return;
      case Parameterization::kV:
        for (std::size_t i = 0; i < x.size(); ++i) {
          x0[i] = signal * ((*scaled)[i] - noise * x0[i]);
        }
        return;
    }
  };
}

EpsModel corrected(EpsModel model, Correction correct, const Schedule& schedule) {
  return [model = std::move(model), correct = std::move(correct), &schedule](
             std::span<const float> x, int timestep, std::span<float> eps) {
    model(x, timestep, eps);
    const double alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(timestep)];
    const auto signal = static_cast<float>(std::sqrt(alpha));
    const auto noise = static_cast<float>(std::sqrt(1 - alpha));
    for (std::size_t i = 0; i < x.size(); ++i) eps[i] = (x[i] - noise * eps[i]) / signal;
    correct(eps, std::sqrt((1 - alpha) / alpha));
    for (std::size_t i = 0; i < x.size(); ++i) eps[i] = (x[i] - signal * eps[i]) / noise;
  };
}

PictureModel corrected_pictures(PictureModel model, Correction correct, const Schedule& schedule) {
  return [model = std::move(model), correct = std::move(correct), &schedule](
             std::span<const float> x, int timestep, std::span<float> x0) {
    model(x, timestep, x0);
    const double alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(timestep)];
    correct(x0, std::sqrt((1 - alpha) / alpha));
  };
}

Denoiser corrected(Denoiser model, Correction correct) {
  return [model = std::move(model), correct = std::move(correct)](
             std::span<const float> x, double sigma, std::span<float> x0) {
    model(x, sigma, x0);
    correct(x0, sigma);
  };
}

}  // namespace easel
