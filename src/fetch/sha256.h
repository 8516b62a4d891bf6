#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "core/cancel.h"

namespace easel::fetch {

/// SHA-256 (FIPS 180-4), piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  /// The digest of all bytes so far, in lower-case hex; the object is spent.
  std::string hex() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Of a whole file. Throws kIo, kNotFound, kCancelled.
std::string sha256_of(const std::filesystem::path& file, const CancelToken& cancel);

}  // namespace easel::fetch
