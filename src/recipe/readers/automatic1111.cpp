// AUTOMATIC1111's text, and that of the many programs that write the same: Forge, SD.Next, Civitai,
// and Fooocus where it is asked to.

#include "recipe/readers/programs.h"

namespace easel::readers {

std::optional<Provenance> read_automatic1111(const ImageMetadata& metadata) {
  // A JPEG's comment is where small programs put it.
  const auto* comment = &metadata.parameters;
  for (const NamedText& text : metadata.texts) {
    if (comment->empty() && text.key == "Comment") comment = &text.text;
  }
  if (comment->empty()) return std::nullopt;
  Provenance provenance = parse_parameters(*comment);
  const bool has_settings = provenance.recipe.seed.seed || !provenance.others.empty() ||
                            !provenance.version.empty() ||
                            !(provenance.recipe.size == Image::Size{});
  return has_settings ? std::optional(std::move(provenance)) : std::nullopt;
}

}  // namespace easel::readers
