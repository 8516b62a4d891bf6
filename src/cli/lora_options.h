#pragma once

#include <string>
#include <vector>

#include "cli/places.h"
#include "pipeline/drawing/model_info.h"

namespace easel::cli {

/// "FILE", "FILE:0.8" or "FILE:0.8:0.5" (the denoiser's strength, then the text encoder's): a file,
/// or the name of one in the data folder's loras/. Throws kNotFound with the nearest name, kUsage
/// for a strength that is no number.
LoraFile lora_of(const std::string& text, const Places& places);

/// Those that a prompt asks for: "<lora:NAME:0.8>".
std::vector<LoraFile> loras_in(const std::string& prompt, const Places& places);

/// The same as --lora takes it.
std::string text_of(const LoraFile& lora);

}  // namespace easel::cli
