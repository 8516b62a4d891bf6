#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace easel {

/// Who may use a server that others can reach. Only SHA-256 of tokens are known here.
class Tokens {
 public:
  Tokens() = default;  ///< none: nobody is asked for one
  /// Of a file of lines "SHA-256 name". Throws kUsage for one that has no such line, kNotFound.
  static Tokens read(const std::filesystem::path& file);

  struct Created {
    std::string token;  ///< to be shown once
    std::filesystem::path file;
  };
  /// Makes a token of 256 random bits and a file (mode 0600) that knows it. Throws kUsage when the
  /// file is there.
  static Created create(const std::filesystem::path& file);

  bool needed() const { return !entries_.empty(); }
  /// The name of the token's entry; nothing for a wrong one. Takes as long for each.
  std::optional<std::string> name_of(std::string_view token) const;
  /// The same for the token of a request, in Authorization or in the cookie.
  std::optional<std::string> name_in(const HttpRequest& request) const;

 private:
  struct Entry {
    std::string hash;
    std::string name;
  };
  std::vector<Entry> entries_;
};

constexpr std::string_view kCookie = "easel_token";

}  // namespace easel
