#include "http/token.h"

#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "http/base64.h"

namespace easel {
namespace {

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

// One "setting=value" of a line. False: it is none.
bool read_allowance(std::string_view word, Allowance& allowance) {
  const std::size_t sign = word.find('=');
  const std::string_view name = word.substr(0, sign), value = word.substr(sign + 1);
  if (name == "tier") {
    if (value == "relaxed") allowance.fast_minutes = 0;
    return value == "relaxed" || value == "fast";
  }
  const auto number = whole_number(value);
  if (!number) return false;
  if (name == "queued") return allowance.queued = number, true;
  if (name == "hourly") return allowance.hourly = number, true;
  if (name == "fast-minutes") return allowance.fast_minutes = number, true;
  return false;
}

// What follows an authentication scheme's name, which is written in any case (RFC 9110, 11.1).
std::optional<std::string_view> credentials(std::string_view header, std::string_view scheme) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if ((header[i] | 0x20) != scheme[i]) return std::nullopt;
  }
  return header.substr(scheme.size() + 1);
}

// A token comes alone, or as the password of any user, which is all that some programs can send.
std::optional<std::string> token_in(std::string_view header) {
  if (const auto token = credentials(header, "bearer")) return std::string(*token);
  const auto basic = credentials(header, "basic");
  const auto user_and_password = basic ? from_base64(*basic) : std::nullopt;
  if (!user_and_password) return std::nullopt;
  const std::size_t colon = user_and_password->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return user_and_password->substr(colon + 1);
}

std::string cookie_in(std::string_view header) {
  while (!header.empty()) {
    std::string_view part = header.substr(0, header.find(';'));
    header.remove_prefix(part.size() == header.size() ? header.size() : part.size() + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(kCookie) && part.substr(kCookie.size()).starts_with('=')) {
      return std::string(part.substr(kCookie.size() + 1));
    }
  }
  return "";
}

}  // namespace

Tokens Tokens::read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) fail(ErrorCode::kNotFound, "could not read the tokens in {}", file.string());
  Tokens tokens;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Entry entry;
    words >> entry.hash >> entry.name;
    if (entry.hash.empty() || entry.hash[0] == '#') continue;
    if (!is_hash(entry.hash)) {
      fail(ErrorCode::kUsage,
           "{} should have lines of a SHA-256 in 64 hexadecimal digits and a name; it may not have "
           "the tokens themselves",
           file.string());
    }
    if (entry.name.empty()) entry.name = "token-" + entry.hash.substr(0, 8);
    for (std::string word; words >> word;) {
      if (word.find('=') == std::string::npos || read_allowance(word, entry.allowance)) continue;
      fail(ErrorCode::kUsage,
           "{}: '{}' of {} is none of queued=N, hourly=N, fast-minutes=N, tier=fast and "
           "tier=relaxed, with a whole number N from 0",
           file.string(), printable(word), printable(entry.name));
    }
    tokens.entries_.push_back(std::move(entry));
  }
  if (!tokens.needed()) fail(ErrorCode::kUsage, "{} has no token", file.string());
  return tokens;
}

Tokens::Created Tokens::create(const std::filesystem::path& file) {
  std::array<unsigned char, 32> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    fail(ErrorCode::kIo, "the system has no random numbers to make a token of");
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string token;
  for (const unsigned char byte : random) {
    token += kHex[byte >> 4];
    token += kHex[byte & 15];
  }
  const mode_t before = umask(0077);
  try {
    write_file_atomically(file, sha256_hex(token) + " easel\n", IfExists::kRefuse);
  } catch (...) {
    umask(before);
    throw;
  }
  umask(before);
  return {std::move(token), file};
}

std::optional<std::string> Tokens::name_of(std::string_view token) const {
  const std::string hash = sha256_hex(token);
  std::optional<std::string> name;
  for (const Entry& entry : entries_) {
    if (same(hash, entry.hash)) name = entry.name;
  }
  return name;
}

Allowance Tokens::allowance_of(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.name == name) return entry.allowance;
  }
  return {};
}

std::optional<std::string> Tokens::name_in(const HttpRequest& request) const {
  if (const std::string* header = request.header("authorization")) {
    const auto token = token_in(*header);
    return token ? name_of(*token) : std::nullopt;
  }
  if (const std::string* header = request.header("cookie")) return name_of(cookie_in(*header));
  return std::nullopt;
}

}  // namespace easel
