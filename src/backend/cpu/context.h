#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/options.h"
#include "core/arena.h"
#include "core/buffer.h"
#include "core/thread_pool.h"

namespace easel::cpu {

/// Memory that each thread keeps from one operation to the next. It grows to the largest request.
class Scratch {
 public:
  explicit Scratch(int threads) : buffers_(static_cast<std::size_t>(threads)) {}

  /// Uninitialised room for `count` floats, 64-byte aligned; the last request's is reused.
  float* floats(int worker, std::int64_t count) {
    Buffer& buffer = buffers_[static_cast<std::size_t>(worker)];
    const auto bytes = static_cast<std::size_t>(count) * sizeof(float);
    if (buffer.bytes() < bytes) buffer = Buffer(bytes);
    return static_cast<float*>(buffer.data());
  }

 private:
  std::vector<Buffer> buffers_;
};

/// What every operation of one cpu backend shares. Outlives them.
struct Context {
  Kernels kernels;
  Precision precision;
  std::optional<ConvAlgorithm> convolution;  ///< instead of the table's, where possible
  /// What a core's own second-level cache holds: how much is worked on at a time. No result depends
  /// on it.
  std::int64_t second_level_floats;
  Arena* arena;
  ThreadPool* threads;
  mutable Scratch scratch;
};

/// Arena memory for the time of one operation.
class Temporary {
 public:
  Temporary(Arena& arena, std::int64_t count)
      : arena_(arena),
        data_(
            static_cast<float*>(arena.allocate(static_cast<std::size_t>(count) * sizeof(float)))) {}
  ~Temporary() { arena_.release(data_); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  float* data() const { return data_; }

 private:
  Arena& arena_;
  float* data_;
};

/// [0, size) cut into `parts` pieces whose lengths differ by at most one: piece i.
inline std::pair<std::int64_t, std::int64_t> piece(std::int64_t size, std::int64_t parts,
                                                   std::int64_t i) {
  return {size * i / parts, size * (i + 1) / parts};
}

inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace easel::cpu
