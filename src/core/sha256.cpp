#include "core/sha256.h"

#include <openssl/evp.h>

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace easel {

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) {
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1)
      throw std::bad_alloc();
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  [[maybe_unused]] const int done = EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
  assert(done == 1);
}

std::string Sha256::hex() && {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  [[maybe_unused]] const int done = EVP_DigestFinal_ex(state_->context, digest, &size);
  assert(done == 1);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(bytes)));
  return std::move(digest).hex();
}

std::string sha256_of_file(const std::filesystem::path& file, const CancelToken& cancel) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  if (!in)
    fail(ErrorCode::kNotFound, "'{}' cannot be read: {}", file.string(), std::strerror(errno));
  Sha256 digest;
  std::vector<std::byte> piece(1 << 20);
  while (true) {
    cancel.check();
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), in.get());
    digest.update(std::span(piece).first(count));
    if (count < piece.size()) break;
  }
  if (std::ferror(in.get())) fail(ErrorCode::kIo, "'{}' cannot be read", file.string());
  return std::move(digest).hex();
}

}  // namespace easel
