#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor_source.h"
#include "weights/random_weights.h"
#include "weights/weights.h"

namespace easel {

/// A cursor into a model's weights: `scope / "in_layers" / 2` stands at "….in_layers.2". Networks
/// take their tensors through it with the shapes they expect; what was taken is remembered, so that
/// leftovers can be refused. Cheap to copy; copies share the record. The Weights outlive it.
class Scope {
 public:
  explicit Scope(const Weights& weights);

  /// A scope in which every tensor that is taken exists, made up with the shape that was wanted: a
  /// network of any size without a file, for benchmarks. `record` (or null) gets what was taken; it
  /// outlives the scope.
  static Scope imagined(std::uint64_t seed, std::vector<NamedShape>* record = nullptr);

  Scope operator/(std::string_view name) const;
  Scope operator/(int index) const;

  /// Whether a tensor of this name is here ("weight", "proj.weight").
  bool has(std::string_view leaf) const;
  /// Whether anything is below `name`.
  bool has_scope(std::string_view name) const;
  /// The shape of a tensor here, for reading sizes off a file. Throws kWrongModel when missing.
  const Shape& shape_of(std::string_view leaf) const;

  /// Parameters of all tensors below this scope.
  std::int64_t parameters() const;

  /// Takes the tensor `leaf`, whose shape must be `expected` up to trailing ones (a 1x1 convolution
  /// and a linear layer are the same). Throws kWrongModel with the full key and both shapes.
  TensorSource take(std::string_view leaf, const Shape& expected) const;

  /// Marks a tensor, or with a trailing dot all below it, as known and not needed.
  void ignore(std::string_view leaf) const;

  /// Throws kWrongModel naming the first tensor below this scope that nobody took.
  void require_all_taken() const;

  const std::string& path() const { return path_; }

 private:
  Scope(const Weights& weights, std::shared_ptr<std::set<std::string, std::less<>>> taken,
        std::string path);
  std::string key(std::string_view leaf) const;

  const Weights* weights_;
  std::optional<std::uint64_t> imagined_{};  // the seed of made-up tensors
  std::vector<NamedShape>* record_ = nullptr;
  std::shared_ptr<std::set<std::string, std::less<>>> taken_;
  std::string path_;
};

}  // namespace easel
