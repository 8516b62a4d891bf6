#pragma once

#include <filesystem>

#include "backend/backend.h"
#include "cli/bench/bench_model.h"

namespace easel::cli {

/// Writes what another program needs to do the same work and to check its result: for each part
/// NAME-weights.safetensors (float32, latent-diffusion's names without their prefix) and
/// NAME-run.safetensors (inputs and the output computed here; pictures are [B, H, W, C]).
/// Parts: text_encoder, unet (one guided step of one picture), decoder, upscaler.
void export_parts(Backend& backend, const BenchModel& model, const std::filesystem::path& folder);

}  // namespace easel::cli
