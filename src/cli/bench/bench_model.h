#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "pipeline/families/ldm_config.h"
#include "pipeline/text_to_image.h"

namespace easel::cli {

/// Of all made-up weights and inputs.
constexpr std::uint64_t kBenchSeed = 1;

/// Standard normal values, the same at every call.
Tensor bench_noise(Backend& backend, Shape shape);

/// A part of a model that can be run again and again with made-up inputs.
struct BenchPart {
  std::string name;  ///< "guided step, 1 picture of 256x256"
  std::function<void()> run;
};

/// Numbers of the model to measure: "ldm-large", or a configuration read from a folder or file.
struct BenchModel {
  std::string name;
  LdmConfig config;
  std::optional<ModelLocation> location = {};  ///< absent: no file, weights are made up
};

/// The published text2img-large (1.45 billion parameters).
BenchModel ldm_large();

/// Builds a part of `model` on `backend` with made-up weights of the true shapes and runs `use`
/// with it. Parts are built one at a time: together they would not fit.
using UsePart = std::function<void(const BenchPart&)>;
void with_text_encoder(Backend& backend, const BenchModel& model, const UsePart& use);
void with_unet(Backend& backend, const BenchModel& model, const UsePart& use);
void with_decoder(Backend& backend, const BenchModel& model, const UsePart& use);
/// A whole picture, as `easel draw` makes it once the model is open: both prompts, the steps that
/// the model is drawn with, decoding and the PNG. Of `how` only what it leaves out counts.
void with_picture(Backend& backend, const BenchModel& model, const DrawRequest& how,
                  const UsePart& use);
/// From opening the model's files to the first step, the text encoder left out; the files in the
/// system's cache. REQUIRES: model.location
void with_start(const BackendOptions& options, const BenchModel& model, const UsePart& use);
/// RealESRGAN_x4plus' network on a 256x256 picture.
void with_upscaler(Backend& backend, const UsePart& use);

}  // namespace easel::cli
