// SwarmUI: JSON under "parameters" or in the UserComment, {"sui_image_params": {…}, …}.

#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

constexpr Renamed kSwarmNames[] = {
    {"prompt", ""},
    {"negativeprompt", ""},
    {"steps", "Steps"},
    {"seed", "Seed"},
    {"cfgscale", "CFG scale"},
    {"width", ""},
    {"height", ""},
    {"sampler", ""},
    {"scheduler", ""},
    {"model", ""},
    {"variationseed", "Variation seed"},
    {"variationseedstrength", "Variation seed strength"},
    {"swarm_version", ""},
};

}  // namespace

std::optional<Provenance> read_swarmui(const ImageMetadata& metadata) {
  const auto json = json_in(metadata.parameters);
  if (!json) return std::nullopt;
  const Json& said = (*json)["sui_image_params"];
  if (!said.is_object()) return std::nullopt;
  const std::string version = text_of(said, "swarm_version");
  Told told{.prompt = text_of(said, "prompt"),
            .negative = text_of(said, "negativeprompt"),
            .version = version.empty() ? "SwarmUI" : "SwarmUI " + version};
  told.add_sampler(text_of(said, "sampler"), text_of(said, "scheduler"));
  told.add_size(said["width"], said["height"]);
  told.add_model(text_of(said, "model"));
  add_members(told, said, kSwarmNames);
  for (const auto& [key, value] : json->items()) {
    if (key != "sui_image_params") told.add_json(key, value);
  }
  return provenance_of(std::move(told));
}

}  // namespace easel::readers
