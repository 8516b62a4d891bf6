#pragma once

#include <cstdint>

namespace easel {

/// A part of a model: its names and shapes were checked when it was opened, its weights are read
/// when first needed. Thread rule: one call at a time.
class ModelPart {
 public:
  virtual ~ModelPart() = default;

  /// Reads the weights that drawing needs, unless they are there.
  virtual void load() = 0;
  virtual void release() = 0;
  /// Parameters that load() reads, and those in memory now.
  virtual std::int64_t parameters() const = 0;
  virtual std::int64_t parameters_loaded() const = 0;
  /// Parameters besides, which drawing from words does not need.
  virtual std::int64_t other_parameters() const { return 0; }
};

}  // namespace easel
