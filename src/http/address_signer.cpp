#include "http/address_signer.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <array>
#include <charconv>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::size_t kKeyBytes = 32;

bool is_same_signature(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

AddressSigner::AddressSigner() : key_(kKeyBytes, '\0') {
  if (getrandom(key_.data(), key_.size(), 0) != static_cast<ssize_t>(key_.size())) {
    fail(ErrorCode::kIo, "the system has no random numbers to sign addresses with");
  }
}

// HMAC-SHA256 (RFC 2104) of "PATH\nEXPIRES" in hexadecimal digits.
std::string AddressSigner::signature(std::string_view path, std::string_view expires) const {
  std::string text(path);
  text += '\n';
  text += expires;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &count);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < count; ++i) {
    hex += kHex[bytes[i] >> 4];
    hex += kHex[bytes[i] & 15];
  }
  return hex;
}

std::string AddressSigner::sign(std::string_view path, std::int64_t expires) const {
  const std::string until = std::to_string(expires);
  return "expires=" + until + "&signature=" + signature(path, until);
}

bool AddressSigner::holds(const HttpRequest& request, std::int64_t now) const {
  const std::string* expires = request.parameter("expires");
  const std::string* signed_by = request.parameter("signature");
  if (expires == nullptr || signed_by == nullptr) return false;
  if (!is_same_signature(*signed_by, signature(request.path, *expires))) return false;
  std::int64_t until = 0;
  const auto [end, error] =
      std::from_chars(expires->data(), expires->data() + expires->size(), until);
  return error == std::errc() && end == expires->data() + expires->size() && now < until;
}

}  // namespace easel
