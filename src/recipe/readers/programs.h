#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "recipe/forms.h"

namespace easel::readers {

/// One program whose pictures say how they were made.
struct Program {
  std::string_view name;
  /// What it says in this picture; nothing where the picture is not one of its. Never throws for
  /// what a file can hold.
  std::optional<Provenance> (*read)(const ImageMetadata& metadata);
};

/// In the order in which they are asked.
std::span<const Program> programs();

std::optional<Provenance> read_automatic1111(const ImageMetadata& metadata);
std::optional<Provenance> read_stable_diffusion_cpp(const ImageMetadata& metadata);
std::optional<Provenance> read_comfyui(const ImageMetadata& metadata);
std::optional<Provenance> read_invokeai(const ImageMetadata& metadata);
std::optional<Provenance> read_novelai(const ImageMetadata& metadata);
std::optional<Provenance> read_fooocus(const ImageMetadata& metadata);
std::optional<Provenance> read_easy_diffusion(const ImageMetadata& metadata);
std::optional<Provenance> read_swarmui(const ImageMetadata& metadata);
std::optional<Provenance> read_xmp(const ImageMetadata& metadata);

}  // namespace easel::readers
