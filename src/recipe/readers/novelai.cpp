// NovelAI: the prompt under "Description", the settings as JSON under "Comment".

#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

constexpr Renamed kNovelNames[] = {
    {"prompt", ""}, {"uc", ""},     {"steps", "Steps"}, {"scale", "CFG scale"}, {"seed", "Seed"},
    {"width", ""},  {"height", ""}, {"sampler", ""},    {"noise_schedule", ""},
};

}  // namespace

std::optional<Provenance> read_novelai(const ImageMetadata& metadata) {
  const std::string* software = text_named(metadata, "Software");
  if (software == nullptr || *software != "NovelAI") return std::nullopt;
  const std::string* comment = text_named(metadata, "Comment");
  const Json said = json_in(comment == nullptr ? "" : *comment).value_or(Json());
  Told told{
      .prompt = text_of(said, "prompt"), .negative = text_of(said, "uc"), .version = *software};
  if (const std::string* prompt = text_named(metadata, "Description");
      told.prompt.empty() && prompt) {
    told.prompt = *prompt;
  }
  told.add_sampler(text_of(said, "sampler"), text_of(said, "noise_schedule"));
  told.add_size(said["width"], said["height"]);
  if (const std::string* source = text_named(metadata, "Source")) told.add("Model", *source);
  add_members(told, said, kNovelNames);
  return provenance_of(std::move(told));
}

}  // namespace easel::readers
