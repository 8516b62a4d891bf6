#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/specs.h"
#include "core/arena.h"
#include "core/tensor.h"
#include "core/tensor_source.h"
#include "core/thread_pool.h"
#include "core/view.h"

// The one interface between networks and processors, written as a specification: `reference/`
// follows it word by word, every other backend is tested against `reference/`.
//
// All activations are float32. Images are [B, H, W, C], tokens [B, T, C]; "rows" are all dimensions
// but the last. Every picture of a batch is computed exactly as if it were alone, and no result
// depends on the number of threads.
//
// Operations with weights are prepared once and run many times: preparing reads the weights,
// chooses the algorithm and packs; running reorders and allocates nothing that outlives it.

namespace easel {

/// What is added to an operation's result on its way to memory.
struct Epilogue {
  /// [B, C] added to every pixel of a picture before the activation (the time embedding).
  const Tensor* per_picture = nullptr;
  float scale = 1.0f;                   ///< multiplies the activated result …
  std::optional<ConstView> residual{};  ///< … to which this is added; shaped as the result
};

class LinearOp {
 public:
  virtual ~LinearOp() = default;
  /// x [..., in] -> out [..., out]. `out` may be the residual itself.
  virtual void run(ConstView x, const Epilogue& epilogue, View out) const = 0;
  virtual std::int64_t out_channels() const = 0;
  /// Bytes of the packed weights.
  virtual std::int64_t bytes() const = 0;
};

class Conv2dOp {
 public:
  virtual ~Conv2dOp() = default;
  /// x [B, H, W, in] -> out [B, H', W', out]. `out` may be the residual itself, never x.
  virtual void run(ConstView x, const Epilogue& epilogue, View out) const = 0;
  virtual const Conv2dSpec& spec() const = 0;
  virtual std::int64_t bytes() const = 0;
  /// What it calls the algorithm that it runs for an H x W input.
  virtual std::string algorithm(std::int64_t height, std::int64_t width) const = 0;
};

/// Keys and values of an attention, prepared for many queries.
class KeyValues {
 public:
  virtual ~KeyValues() = default;
  virtual std::int64_t batch() const = 0;
  /// Keys of one picture.
  virtual std::int64_t length() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;

  /// "reference", "cpu", "onednn".
  virtual std::string name() const = 0;
  /// The instruction set it runs ("AVX3"), or the device.
  virtual std::string target() const = 0;

  /// weight [out, in]; bias [out] or absent.
  virtual std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                           const TensorSource* bias) = 0;
  /// weight [out, in, kernel, kernel]; bias [out] or absent.
  virtual std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                           const TensorSource* bias) = 0;

  /// Normalises the channels of each group over one picture: x [B, ..., C]; gamma and beta [C].
  /// `out` may be x.
  virtual void group_norm(const GroupNormSpec& spec, ConstView x, const std::vector<float>& gamma,
                          const std::vector<float>& beta, View out) = 0;
  /// Normalises each row over its channels.
  virtual void layer_norm(float eps, ConstView x, const std::vector<float>& gamma,
                          const std::vector<float>& beta, View out) = 0;

  /// k and v [B, S, heads * D].
  virtual std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) = 0;
  /// softmax(q k^T / sqrt(D)) v for each head. q and out [B, T, heads * D].
  virtual void attend(ConstView q, const KeyValues& keys, View out) = 0;

  /// out = activation(x), element by element. `out` may be x. Not kGeglu.
  virtual void activate(Activation activation, ConstView x, View out) = 0;
  /// out[row, c] = max(x, 0) + slope[c] * min(x, 0). `out` may be x.
  virtual void prelu(ConstView x, const std::vector<float>& slope, View out) = 0;
  /// out = scale * x + residual. `out` may be x or the residual.
  virtual void add_scaled(ConstView x, float scale, ConstView residual, View out) = 0;
  /// out = x (rows of any stride).
  virtual void copy(ConstView x, View out) = 0;

  Arena& arena() { return arena_; }
  ThreadPool& threads() { return threads_; }

 protected:
  explicit Backend(int threads, std::span<const int> cores = {}) : threads_(threads, cores) {}

 private:
  Arena arena_;
  ThreadPool threads_;
};

}  // namespace easel
