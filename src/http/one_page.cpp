#include "http/one_page.h"

#include <string>

#include "core/sha256.h"
#include "http/base64.h"

namespace easel {
namespace {

struct LinkKind {
  std::string_view before, after;  // around the file's name in the page
  std::string_view open, close;    // around its bytes
};
constexpr LinkKind kStyle{R"(<link rel="stylesheet" href=")", R"(">)", "<style>", "</style>"};
constexpr LinkKind kScript{R"(<script src=")", R"("></script>)", "<script>", "</script>"};

std::string hash_of(std::string_view bytes) {
  const std::string hex = sha256_hex(bytes);
  std::string raw;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    raw.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return " 'sha256-" + base64(raw) + "'";
}

// Replaces every reference of one kind; returns the hashes of what went in.
std::string put_in(std::string& html, const LinkKind& kind,
                   const std::function<std::string_view(std::string_view)>& file) {
  std::string hashes;
  for (std::size_t at = html.find(kind.before); at != std::string::npos;
       at = html.find(kind.before, at + 1)) {
    const std::size_t name = at + kind.before.size(), end = html.find(kind.after, name);
    if (end == std::string::npos) break;
    const std::string_view bytes = file(std::string_view(html).substr(name, end - name));
    if (bytes.empty() || bytes.find("</") != std::string_view::npos) continue;
    hashes += hash_of(bytes);
    const std::string whole = std::string(kind.open).append(bytes).append(kind.close);
    html.replace(at, end + kind.after.size() - at, whole);
  }
  return hashes;
}

}  // namespace

std::string content_policy(std::string_view style_hashes, std::string_view script_hashes) {
  return std::string("default-src 'none'; script-src 'self'")
      .append(script_hashes)
      .append("; style-src 'self'")
      .append(style_hashes)
      .append(
          "; img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
          "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
}

OnePage one_page(std::string_view html,
                 const std::function<std::string_view(std::string_view name)>& file) {
  OnePage page{.html = std::string(html), .policy = {}};
  const std::string styles = put_in(page.html, kStyle, file);
  const std::string scripts = put_in(page.html, kScript, file);
  page.policy = content_policy(styles, scripts);
  return page;
}

}  // namespace easel
