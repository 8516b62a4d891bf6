#pragma once

#include <string>
#include <string_view>

namespace easel {

/// "https://pics.example.org:8443/easel", taken apart; in lower case but for the path.
struct WebAddress {
  std::string origin;  ///< "https://pics.example.org:8443"
  std::string name;    ///< "pics.example.org", IPv6 addresses in brackets
  std::string path;    ///< "/easel", without a slash at its end; often empty

  std::string text() const { return origin + path; }
};

/// Throws kUsage naming `what` ("--public-address") for anything but http or https, a host, perhaps
/// a port and a path.
WebAddress parse_web_address(std::string_view text, std::string_view what);

}  // namespace easel
