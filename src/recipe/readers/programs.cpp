#include "recipe/readers/programs.h"

#include "core/error.h"

namespace easel::readers {
namespace {

// Those first that write JSON where AUTOMATIC1111 writes its text, and AUTOMATIC1111's text before
// what stands beside it in pictures that say both.
constexpr Program kPrograms[] = {
    {"SwarmUI", read_swarmui},
    {"Fooocus", read_fooocus},
    {"stable-diffusion.cpp", read_stable_diffusion_cpp},
    {"AUTOMATIC1111", read_automatic1111},
    {"ComfyUI", read_comfyui},
    {"InvokeAI", read_invokeai},
    {"NovelAI", read_novelai},
    {"Easy Diffusion", read_easy_diffusion},
    {"XMP", read_xmp},
};

}  // namespace

std::span<const Program> programs() { return kPrograms; }

}  // namespace easel::readers

namespace easel {

std::optional<Provenance> provenance_of(const ImageMetadata& metadata) {
  if (!metadata.easel.empty()) {
    try {
      return parse_record(metadata.easel);
    } catch (const Error&) {
      // A record that another program broke: the text may still be there.
    }
  }
  for (const readers::Program& program : readers::programs()) {
    if (auto provenance = program.read(metadata)) return provenance;
  }
  if (metadata.parameters.empty()) return std::nullopt;
  return parse_parameters(metadata.parameters);
}

}  // namespace easel
