#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "backend/specs.h"
#include "core/arena.h"
#include "core/tensor.h"
#include "core/tensor_source.h"
#include "core/thread_pool.h"
#include "core/view.h"

// The one interface between networks and processors, written as a specification: `reference/`
// follows it word by word, every other backend is tested against `reference/`.
//
// All activations are float32, in the backend's own memory, which may be a device's: tensors and
// views are addresses that only the backend follows, and upload() and download() are the only ways
// in and out. Images are [B, H, W, C], tokens [B, T, C]; "rows" are all dimensions but the last.
// Every picture of a batch is computed exactly as if it were alone, and no result depends on the
// number of threads.
//
// Operations with weights are prepared once and run many times: preparing reads the weights,
// chooses the algorithm and packs; running reorders and allocates nothing that outlives it. A
// backend may compute later than it is asked; nobody can tell, as download() waits.

namespace easel {

/// What is added to an operation's result on its way to memory.
struct Epilogue {
  /// [R, C]: row i % R is added to every pixel of picture i before the activation (the time
  /// embedding).
  std::optional<Repeated> per_picture{};
  float scale = 1.0f;  ///< multiplies the activated result …
  /// … to which this is added; shaped as the result, or with fewer pictures that stand for its.
  std::optional<Repeated> residual{};
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

/// A normalisation, or an activation with weights: a tensor to another of the same shape.
class UnaryOp {
 public:
  virtual ~UnaryOp() = default;
  /// x [B, ..., C] -> out, shaped alike. `out` may be x.
  virtual void run(ConstView x, View out) const = 0;
};

/// Keys and values of one sequence, prepared for many queries.
class KeyValues {
 public:
  virtual ~KeyValues() = default;
  /// How many keys.
  virtual std::int64_t length() const = 0;
};

/// How values lie on the host: channel by channel of a pixel like a tensor's, or plane by plane,
/// [B, C, H, W], as the outside world keeps latents and pictures.
enum class Layout { kPixels, kPlanes };

struct BackendFacts {
  std::string name;    ///< "reference", "cpu", "onednn"
  std::string target;  ///< the instruction set that it runs ("AVX3"), the operands, or the device
  std::string label;   ///< for a report, name and target in short
  std::string instruction_set{};  ///< of the processor that computes, where it is the host's
  /// What weights are rounded to, "fp32", "fp16" or "bf16": it decides a picture's bytes.
  std::string precision = "fp32";
  /// What a weight of a linear layer or a convolution takes in the backend's memory.
  std::int64_t bytes_per_weight = 4;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual BackendFacts facts() const = 0;
  std::string name() const { return facts().name; }
  std::string target() const { return facts().target; }

  /// Where activations come from: the backend's memory.
  virtual Arena& arena() = 0;
  /// Bytes of that memory that are to be had still.
  virtual std::int64_t available_memory() const = 0;
  /// The host's threads, for work on values before they are uploaded and after the download.
  virtual ThreadPool& threads() = 0;

  /// Host values to a tensor. REQUIRES: as many as it has; kPlanes: out [B, ..., C] with as many
  /// dimensions as it likes between.
  virtual void upload(std::span<const float> values, Layout layout, View out) = 0;
  /// A tensor's values to the host, once all that was asked for before is computed.
  virtual void download(ConstView x, Layout layout, std::span<float> out) = 0;

  /// weight [out, in]; bias [out] or absent.
  virtual std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                           const TensorSource* bias) = 0;
  /// weight [out, in, kernel, kernel]; bias [out] or absent.
  virtual std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                           const TensorSource* bias) = 0;
  /// (x - mean) / sqrt(variance + eps) * gamma + beta over each group of channels of one picture.
  /// gamma and beta [C].
  virtual std::unique_ptr<UnaryOp> group_norm(const GroupNormSpec& spec, const TensorSource& gamma,
                                              const TensorSource& beta) = 0;
  /// The same over the channels of each row.
  virtual std::unique_ptr<UnaryOp> layer_norm(const LayerNormSpec& spec, const TensorSource& gamma,
                                              const TensorSource& beta) = 0;
  /// out[row, c] = max(x, 0) + slope[c] * min(x, 0). slope [C].
  virtual std::unique_ptr<UnaryOp> prelu(const TensorSource& slope) = 0;

  /// k and v [1, S, heads * D].
  virtual std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) = 0;
  /// softmax(q k^T / sqrt(D)) v for each head. out [B, T, heads * D]; its picture i attends to
  /// keys[i] with q's. REQUIRES: keys of one length, number of heads and backend.
  virtual void attend(Repeated q, std::span<const KeyValues* const> keys, View out) = 0;
  /// The same where each picture has its own keys and values, used once: q and out
  /// [B, T, heads * D], k and v [B, S, heads * D]. REQUIRES: S >= T where it is causal.
  virtual void attend(ConstView q, ConstView k, ConstView v, const AttendSpec& spec, View out) = 0;

  /// out = activation(x), element by element. `out` may be x. Not kGeglu.
  virtual void activate(Activation activation, ConstView x, View out) = 0;
  /// out = scale * x + residual. `out` may be x or the residual.
  virtual void add_scaled(ConstView x, float scale, ConstView residual, View out) = 0;
  /// out = x, as often as it goes into `out` (rows of any stride).
  virtual void copy(Repeated x, View out) = 0;
  /// Row i of `out` is row rows[i] of `table`, [N, C].
  virtual void gather_rows(ConstView table, std::span<const int> rows, View out) = 0;

  /// Depth to space, as torch orders it: out [B, f * H, f * W, C] of x [B, H, W, C * f * f];
  /// channel c of pixel (y, x) is channel (c * f + y % f) * f + x % f of pixel (y / f, x / f).
  virtual void pixel_shuffle(ConstView x, int factor, View out) = 0;
  /// The way back.
  virtual void pixel_unshuffle(ConstView x, int factor, View out) = 0;
  /// out [B, f * H, f * W, C] += x [B, H, W, C] enlarged by nearest neighbour.
  virtual void add_enlarged(ConstView x, int factor, View out) = 0;
};

}  // namespace easel
