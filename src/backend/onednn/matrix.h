#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "backend/cpu/packed_matrix.h"

namespace easel::onednn {

/// Operands of a product; sums are float32.
enum class Element { kF32, kBf16 };

inline std::size_t bytes_of(Element element) { return element == Element::kBf16 ? 2 : 4; }

/// Rows are multiplied at most this many at a time.
inline constexpr std::int64_t kChunkRows = 128;

/// What all products of a backend share. oneDNN works on the calling thread alone: how work is
/// shared out is ours, so that results do not depend on the number of threads.
class Engine {
 public:
  explicit Engine(int workers);
  const dnnl::engine& cpu() const { return cpu_; }
  const dnnl::stream& stream(int worker) const {
    return streams_[static_cast<std::size_t>(worker)];
  }
  /// Memory that a product of this worker needs while it runs.
  dnnl::memory scratchpad(int worker, const dnnl::memory::desc& wanted) const {
    return {wanted, cpu_,
            scratch_.floats(worker, static_cast<std::int64_t>(wanted.get_size() / 4 + 1))};
  }

 private:
  dnnl::engine cpu_;
  std::vector<dnnl::stream> streams_;
  mutable cpu::Scratch scratch_;
};

/// A weight matrix as the right operand of a product: cpu::PackedMatrix's panels, some of them
/// together as a group, each group [k, columns] in the order that oneDNN's product wants.
class Matrix {
 public:
  Matrix(const cpu::Context& context, const Engine& engine, Element element,
         const cpu::PackedMatrix::Layout& layout, const TensorSource& weight,
         const TensorSource* bias);

  std::int64_t k() const { return k_; }
  Element element() const { return element_; }
  std::int64_t groups() const { return static_cast<std::int64_t>(groups_.size()); }
  /// [first, last) of a group.
  std::pair<std::int64_t, std::int64_t> panels(std::int64_t group) const;
  std::int64_t columns(std::int64_t group) const;
  /// Of the widest.
  std::int64_t most_columns() const { return group_panels_ * width_; }
  const float* bias(std::int64_t panel) const { return bias_.data() + panel * width_; }
  std::int64_t bytes() const { return bytes_; }

  /// c [rows, columns(group)] = a [rows, k] * group; both dense. On the calling thread.
  void multiply(std::int64_t group, std::int64_t rows, const void* a, float* c, int worker) const;

 private:
  struct Product {
    dnnl::matmul::primitive_desc description;
    dnnl::matmul run;
  };
  const Product& product(std::int64_t rows, std::int64_t columns) const;
  dnnl::memory reordered(const dnnl::memory::desc& wanted, const std::vector<float>& values,
                         std::int64_t columns) const;

  const Engine& engine_;
  const Element element_;
  const std::int64_t k_, width_;
  std::int64_t panels_, group_panels_;
  std::int64_t bytes_ = 0;
  std::vector<dnnl::memory> groups_;
  std::vector<float> bias_;
  // For each number of columns the order of its weights, and for each number of rows besides a
  // product, made when it is first wanted.
  std::map<std::int64_t, dnnl::memory::desc> orders_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::int64_t, std::int64_t>, Product> products_;
};

}  // namespace easel::onednn
