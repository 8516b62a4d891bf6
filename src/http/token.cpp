#include "http/token.h"

#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
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

std::optional<std::string> Tokens::name_in(const HttpRequest& request) const {
  if (const std::string* header = request.header("authorization")) {
    const auto token = token_in(*header);
    return token ? name_of(*token) : std::nullopt;
  }
  if (const std::string* header = request.header("cookie")) return name_of(cookie_in(*header));
  return std::nullopt;
}

}  // namespace easel
