#pragma once

#include <cstdint>
#include <span>

#include "core/tensor_source.h"
#include "weights/scope.h"

namespace easel {

/// A table of vectors, of which only the rows asked for are ever read from the file. The Weights
/// outlive it.
class Embedding {
 public:
  /// Takes `weight` [rows, channels].
  Embedding(const Scope& scope, std::int64_t rows, std::int64_t channels);

  std::int64_t rows() const { return source_.shape[0]; }

  /// Adds row `ids[i]` to out[i], out [ids, channels]. REQUIRES: 0 <= id < rows().
  void add_rows(std::span<const std::int32_t> ids, std::span<float> out) const;

 private:
  TensorSource source_;
};

}  // namespace easel
