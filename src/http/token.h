#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace easel {

/// How much the holder of a token may ask for. What is not said has no limit.
struct Allowance {
  std::optional<int> queued;        ///< pictures that wait or are drawn
  std::optional<int> hourly;        ///< pictures asked for within an hour
  std::optional<int> fast_minutes;  ///< of drawing in a month; what is beyond is drawn when nobody
                                    ///< else waits
};

/// Who may use a server that others can reach. Only SHA-256 of tokens are known here.
class Tokens {
 public:
  Tokens() = default;  ///< none: nobody is asked for one
  /// Of a file of lines "SHA-256 name", which may go on with "queued=N", "hourly=N" and
  /// "fast-minutes=N" or "tier=relaxed". Throws kUsage for one that has no such line, kNotFound.
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
  /// Of the first entry of that name.
  Allowance allowance_of(std::string_view name) const;

 private:
  struct Entry {
    std::string hash;
    std::string name;
    Allowance allowance = {};
  };
  std::vector<Entry> entries_;
};

constexpr std::string_view kCookie = "easel_token";

}  // namespace easel
