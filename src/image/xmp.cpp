#include "image/xmp.h"

#include <charconv>
#include <cstdint>

#include "core/utf8.h"

namespace easel {
namespace {

constexpr std::string_view kOrientation = "tiff:Orientation";
constexpr std::string_view kSpaces = " \t\r\n";

bool is_name_end(char c) {
  return kSpaces.find(c) != std::string_view::npos || c == '=' || c == '>' || c == '/';
}

// A part of the packet.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What stands between the quotes of an attribute whose name ends at `at`.
std::optional<Range> attribute_at(std::string_view packet, std::size_t at) {
  at = packet.find_first_not_of(kSpaces, at);
  if (at == std::string_view::npos || packet[at] != '=') return std::nullopt;
  at = packet.find_first_not_of(kSpaces, at + 1);
  if (at == std::string_view::npos || (packet[at] != '"' && packet[at] != '\''))
    return std::nullopt;
  const auto end = packet.find(packet[at], at + 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Range{at + 1, end};
}

// The first text in the element whose start tag's name ends at `at`; texts lie in
// <rdf:Alt><rdf:li>.
std::optional<Range> element_at(std::string_view packet, std::size_t at, std::string_view name) {
  const std::string close = "</" + std::string(name);
  const auto end = packet.find(close, at);
  if (end == std::string_view::npos) return std::nullopt;
  auto text = packet.find('>', at);
  while (text < end) {
    const auto next = packet.find('<', text + 1);
    const auto first = packet.find_first_not_of(kSpaces, text + 1);
    if (first < next) return Range{text + 1, next};
    if (next >= end) break;
    text = packet.find('>', next);
  }
  return Range{end, end};
}

std::optional<Range> find_property(std::string_view packet, std::string_view name) {
  for (auto at = packet.find(name); at != std::string_view::npos; at = packet.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (at == 0 || end >= packet.size() || !is_name_end(packet[end])) continue;
    if (packet[at - 1] == '<') return element_at(packet, end, name);
    if (kSpaces.find(packet[at - 1]) == std::string_view::npos) continue;
    if (const auto found = attribute_at(packet, end)) return found;
  }
  return std::nullopt;
}

std::optional<char32_t> entity(std::string_view name) {
  if (name == "amp") return U'&';
  if (name == "lt") return U'<';
  if (name == "gt") return U'>';
  if (name == "quot") return U'"';
  if (name == "apos") return U'\'';
  if (!name.starts_with('#')) return std::nullopt;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t value = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, value, hex ? 16 : 10);
  const bool sound = read.ec == std::errc() && read.ptr == end && value > 0 && value <= 0x10FFFF &&
                     !(value >= 0xD800 && value <= 0xDFFF);
  return sound ? std::optional(static_cast<char32_t>(value)) : std::nullopt;
}

std::string decoded(std::string_view text) {
  constexpr std::size_t kLongest = 10;
  std::string out;
  while (!text.empty()) {
    if (text[0] == '&') {
      const auto end = text.substr(0, kLongest).find(';');
      const auto point =
          end == std::string_view::npos ? std::nullopt : entity(text.substr(1, end - 1));
      if (point) {
        append_utf8(out, *point);
        text.remove_prefix(end + 1);
        continue;
      }
    }
    out += text[0];
    text.remove_prefix(1);
  }
  return valid_utf8(out);
}

}  // namespace

std::optional<std::string> xmp_property(std::string_view packet, std::string_view name) {
  const auto found = find_property(packet, name);
  if (!found) return std::nullopt;
  return decoded(packet.substr(found->begin, found->end - found->begin));
}

int xmp_orientation(std::string_view packet) {
  const auto text = xmp_property(packet, kOrientation);
  const bool sound = text && text->size() == 1 && (*text)[0] >= '1' && (*text)[0] <= '8';
  return sound ? (*text)[0] - '0' : 1;
}

std::string upright_xmp(std::string packet) {
  if (const auto found = find_property(packet, kOrientation)) {
    packet.replace(found->begin, found->end - found->begin, found->begin < found->end ? "1" : "");
  }
  return packet;
}

}  // namespace easel
