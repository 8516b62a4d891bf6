#include "http/web_address.h"

#include <algorithm>

#include "core/error.h"
#include "http/checks.h"

namespace easel {
namespace {

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("?#\"<>\\^`{|}").find(c) == std::string::npos;
  });
}

}  // namespace

WebAddress parse_web_address(std::string_view text, std::string_view what) {
  const std::size_t scheme_end = text.find("://");
  std::string origin(text.substr(0, text.find('/', scheme_end == text.npos ? 0 : scheme_end + 3)));
  std::string_view path = text.substr(origin.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  std::ranges::transform(origin, origin.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  const bool web = origin.starts_with("http://") || origin.starts_with("https://");
  const std::string name(web ? name_of_host(std::string_view(origin).substr(scheme_end + 3)) : "");
  if (name.empty() || !is_plain(name) || !is_plain(path)) {
    fail(ErrorCode::kUsage, "{} is '{}'; wanted is an address such as https://pics.example.org",
         what, text);
  }
  return {.origin = std::move(origin), .name = name, .path = std::string(path)};
}

}  // namespace easel
