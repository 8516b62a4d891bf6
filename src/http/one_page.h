#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace easel {

/// Where a page's scripts, styles and pictures may come from: this server. The hashes let in one
/// style and one script that stand in the page itself ("'sha256-…'" each, with a space before).
std::string content_policy(std::string_view style_hashes = {}, std::string_view script_hashes = {});

/// The page with its style sheets and its first script put in, so that the first paint waits for no
/// second request, and the policy that allows exactly those.
struct OnePage {
  std::string html;
  std::string policy;
};

/// `file`: the bytes of "/css/base.css" …; a reference to what it does not have stays.
OnePage one_page(std::string_view html,
                 const std::function<std::string_view(std::string_view name)>& file);

}  // namespace easel
