// Easy Diffusion: a text of the picture a setting, or all as JSON in the UserComment; under the
// names of its requests, or since 2.5 as its page shows them.

#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

constexpr Renamed kEasyDiffusionNames[] = {
    {"prompt", ""},
    {"Prompt", ""},
    {"negative_prompt", ""},
    {"Negative Prompt", ""},
    {"seed", "Seed"},
    {"num_inference_steps", "Steps"},
    {"guidance_scale", "CFG scale"},
    {"Guidance Scale", "CFG scale"},
    {"width", ""},
    {"Width", ""},
    {"height", ""},
    {"Height", ""},
    {"sampler_name", ""},
    {"Sampler", ""},
    {"use_stable_diffusion_model", ""},
    {"Stable Diffusion model", ""},
    {"clip_skip", "Clip skip"},
};

// What lies under either name.
const Json& either(const Json& said, std::string_view one, std::string_view other) {
  return said.contains(one) ? said[one] : said[other];
}

Json all_of(const ImageMetadata& metadata) {
  if (auto json = json_in(metadata.parameters)) return std::move(*json);
  Json said = Json::object();
  for (const NamedText& text : metadata.texts) said[text.key] = text.text;
  return said;
}

}  // namespace

std::optional<Provenance> read_easy_diffusion(const ImageMetadata& metadata) {
  const Json said = all_of(metadata);
  const bool its = said.contains("num_inference_steps") || said.contains("Guidance Scale") ||
                   said.contains("use_stable_diffusion_model") ||
                   said.contains("Stable Diffusion model");
  if (!its) return std::nullopt;
  Told told{.prompt = text_of(either(said, "prompt", "Prompt")),
            .negative = text_of(either(said, "negative_prompt", "Negative Prompt")),
            .version = "Easy Diffusion"};
  told.add_sampler(text_of(either(said, "sampler_name", "Sampler")), "");
  told.add_size(either(said, "width", "Width"), either(said, "height", "Height"));
  told.add_model(text_of(either(said, "use_stable_diffusion_model", "Stable Diffusion model")));
  add_members(told, said, kEasyDiffusionNames);
  return provenance_of(std::move(told));
}

}  // namespace easel::readers
