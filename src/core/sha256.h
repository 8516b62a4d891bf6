#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/cancel.h"

namespace easel {

/// SHA-256 (FIPS 180-4), piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  /// The digest of all bytes so far in 64 hexadecimal digits, lower case; the object is spent.
  std::string hex() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Of bytes in memory.
std::string sha256_hex(std::string_view bytes);

/// Of a whole file. Throws kIo, kNotFound, kCancelled.
std::string sha256_of_file(const std::filesystem::path& file, const CancelToken& cancel);

}  // namespace easel
