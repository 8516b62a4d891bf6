#include "prompt/networks.h"

#include <cmath>
#include <cstdlib>
#include <map>

#include "core/error.h"
#include "core/printable.h"
#include "core/utf8.h"
#include "prompt/text_classes.h"

namespace easel {
namespace {

double strength(const std::string& text, std::string_view network) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const auto rest = std::string_view(end).find_first_not_of(" \t\n\r");
  if (end == text.c_str() || rest != std::string_view::npos || !std::isfinite(value)) {
    fail(ErrorCode::kUsage, "'{}' in the prompt has the strength '{}', a number is wanted",
         printable(network), printable(text));
  }
  return value;
}

// "NAME:0.8:te=0.5" by its colons; what has a name stands apart from what has a place.
PromptNetwork network(std::u32string_view kind, std::u32string_view arguments) {
  const std::string whole = "<" + to_utf8(kind) + ":" + to_utf8(arguments) + ">";
  std::vector<std::string> placed;
  std::map<std::string, std::string> named;
  for (std::size_t begin = 0; begin <= arguments.size();) {
    const auto end = std::min(arguments.find(U':', begin), arguments.size());
    const std::string item = to_utf8(arguments.substr(begin, end - begin));
    const auto equals = item.find('=');
    if (equals != std::string::npos && item.find('=', equals + 1) == std::string::npos) {
      named[item.substr(0, equals)] = item.substr(equals + 1);
    } else {
      placed.push_back(item);
    }
    begin = end + 1;
  }
  if (placed.empty() || placed[0].empty()) {
    fail(ErrorCode::kUsage, "'{}' in the prompt names no file", printable(whole));
  }
  PromptNetwork out{.kind = to_utf8(kind), .name = placed[0]};
  if (placed.size() > 1) out.text_encoder = strength(placed[1], whole);
  if (named.contains("te")) out.text_encoder = strength(named["te"], whole);
  out.unet = placed.size() > 2 ? strength(placed[2], whole) : out.text_encoder;
  if (named.contains("unet")) out.unet = strength(named["unet"], whole);
  return out;
}

}  // namespace

PromptWithoutNetworks cut_networks(std::string_view prompt) {
  const std::u32string all = code_points(prompt);
  const std::u32string_view text = all;
  PromptWithoutNetworks out;
  std::size_t kept = 0;    // what lies before it was cut out or copied
  std::size_t closes = 0;  // the next ">" from here on
  for (std::size_t at = text.find(U'<'); at != std::u32string_view::npos;
       at = text.find(U'<', at + 1)) {
    std::size_t colon = at + 1;
    while (colon < text.size() && is_word_character(text[colon])) ++colon;
    if (closes <= colon) closes = text.find(U'>', colon);
    if (closes == std::u32string_view::npos) break;
    if (colon == at + 1 || text[colon] != U':' || closes == colon + 1) continue;
    out.text += to_utf8(text.substr(kept, at - kept));
    out.networks.push_back(
        network(text.substr(at + 1, colon - at - 1), text.substr(colon + 1, closes - colon - 1)));
    kept = closes + 1;
    at = closes;
  }
  out.text += to_utf8(text.substr(kept));
  return out;
}

}  // namespace easel
