#pragma once

#include "core/view.h"

// Following an address. For backends that compute in this process's memory alone: a file outside
// src/backend that includes this is refused by tools/check_includes.py.

namespace easel {

struct Follow {
  static float* host(Address address) { return reinterpret_cast<float*>(address.at_); }
};

inline float* host(const View& x) { return Follow::host(x.address); }
inline const float* host(const ConstView& x) { return Follow::host(x.address); }
inline float* host(Tensor& x) { return Follow::host(x.address()); }
inline const float* host(const Tensor& x) { return Follow::host(x.address()); }

}  // namespace easel
