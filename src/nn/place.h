#pragma once

#include <string_view>

#include "backend/backend.h"
#include "nn/edges.h"
#include "weights/scope.h"

namespace easel {

/// Where a layer is built: the backend that will run it, and the place of its weights. `at /
/// "norm1"` is the same backend and the weights below.
struct Place {
  Backend& backend;
  Scope scope;
  /// What the convolutions built here look up each time they run; outlives them. Null: zeros.
  const Edges* edges = nullptr;

  Place operator/(std::string_view name) const { return {backend, scope / name, edges}; }
  Place operator/(int index) const { return {backend, scope / index, edges}; }
};

}  // namespace easel
