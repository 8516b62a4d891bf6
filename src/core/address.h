#pragma once

#include <cstdint>

namespace easel {

/// Where values lie in a backend's memory, which may be a device's. Anyone may step along it, in
/// floats; only a backend follows it (backend/follow.h). A value.
class Address {
 public:
  Address() = default;
  /// The beginning of a block that an Arena handed out.
  explicit Address(const void* block) : at_(reinterpret_cast<std::uintptr_t>(block)) {}

  bool is_null() const { return at_ == 0; }

  friend Address operator+(Address from, std::int64_t floats) {
    from.at_ += static_cast<std::uintptr_t>(floats) * sizeof(float);
    return from;
  }
  friend bool operator==(Address a, Address b) = default;

 private:
  friend struct Follow;

  std::uintptr_t at_ = 0;
};

}  // namespace easel
