#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

// The little that Easel reads of XMP packets, which are XML, without an XML parser: a property is
// an attribute or an element of its name. Work is linear in the packet; never throws.

/// The text of a property ("exif:UserComment", "dc:description"): of a list of languages the first.
/// Nothing where there is none.
std::optional<std::string> xmp_property(std::string_view packet, std::string_view name);

/// What tiff:Orientation says, 1 to 8; 1 where it says nothing.
int xmp_orientation(std::string_view packet);

/// The packet of a picture that stands upright.
std::string upright_xmp(std::string packet);

}  // namespace easel
