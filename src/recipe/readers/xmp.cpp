// Settings in XMP: Draw Things' JSON, and AUTOMATIC1111's text where an editor kept it there.

#include "image/xmp.h"

#include "image/jpeg_xmp.h"
#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

constexpr Renamed kDrawThings[] = {
    {"c", ""},        {"uc", ""},       {"steps", "Steps"}, {"scale", "CFG scale"},
    {"seed", "Seed"}, {"size", "Size"}, {"model", ""},      {"sampler", "Sampler"},
};

std::optional<Provenance> draw_things(std::string_view text) {
  const auto json = json_in(text);
  if (!json || !json->contains("c") || !json->contains("sampler")) return std::nullopt;
  Told told{
      .prompt = text_of(*json, "c"), .negative = text_of(*json, "uc"), .version = "Draw Things"};
  told.add_model(text_of(*json, "model"));
  add_members(told, *json, kDrawThings);
  return provenance_of(std::move(told));
}

// What one part of a packet says.
std::optional<Provenance> read_packet(std::string_view packet) {
  for (const std::string_view property :
       {"exif:UserComment", "dc:description", "parameters", "sd:parameters"}) {
    const auto text = xmp_property(packet, property);
    if (!text || text->empty()) continue;
    if (auto provenance = draw_things(*text)) return provenance;
    ImageMetadata said;
    said.parameters = *text;
    for (const auto read : {read_swarmui, read_fooocus, read_automatic1111, read_easy_diffusion}) {
      if (auto provenance = read(said)) return provenance;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Provenance> read_xmp(const ImageMetadata& metadata) {
  if (auto provenance = read_packet(metadata.xmp)) return provenance;
  const std::string* rest = text_named(metadata, formats::kXmpExtensionKey);
  return rest == nullptr ? std::nullopt : read_packet(*rest);
}

}  // namespace easel::readers
