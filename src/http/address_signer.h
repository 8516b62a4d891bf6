#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/http.h"

namespace easel {

/// Addresses that may be read without a token until a time: those given to clients that hand them
/// on to an <img>, which sends none. The key is this object's own, so what it signed ends with it.
class AddressSigner {
 public:
  AddressSigner();  ///< throws kIo where the system has no random numbers

  /// "expires=1790000000&signature=…", to go behind `path` and a question mark.
  std::string sign(std::string_view path, std::int64_t expires) const;
  /// Whether the request is for an address of this signer's that has not expired by `now`, both in
  /// seconds since 1970. Takes as long for each signature.
  bool holds(const HttpRequest& request, std::int64_t now) const;

 private:
  std::string signature(std::string_view path, std::string_view expires) const;

  std::string key_;
};

}  // namespace easel
