#include "weights/changes/delta.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/printable.h"
#include "weights/changes/factor_matrix.h"

namespace easel {
namespace {

struct Size {
  std::int64_t rows, columns;
};

class LowRank final : public Delta {
 public:
  LowRank(Product product, float scale) : product_(std::move(product)), scale_(scale) {}
  Size size() const { return {product_.up.rows, product_.down.columns}; }
  void add_row(std::int64_t row, float strength, std::span<float> out) const override {
    std::vector<float> mine(out.size());
    product_.row(row, mine);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += strength * (scale_ * mine[c]);
  }

 private:
  const Product product_;
  const float scale_;
};

/// LoHa: two products, multiplied element by element.
class Hadamard final : public Delta {
 public:
  Hadamard(Product first, Product second, float scale)
      : first_(std::move(first)), second_(std::move(second)), scale_(scale) {}
  Size size() const { return {first_.up.rows, first_.down.columns}; }
  void add_row(std::int64_t row, float strength, std::span<float> out) const override {
    std::vector<float> a(out.size()), b(out.size());
    first_.row(row, a);
    second_.row(row, b);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += strength * (scale_ * (a[c] * b[c]));
  }

 private:
  const Product first_, second_;
  const float scale_;
};

/// LoKr: the Kronecker product of a small matrix and a larger weight, [rows, inputs * places of a
/// kernel].
class Kronecker final : public Delta {
 public:
  Kronecker(Matrix small, Matrix large, float scale)
      : small_(std::move(small)), large_(std::move(large)), scale_(scale) {}
  Size size() const { return {small_.rows * large_.rows, small_.columns * large_.columns}; }
  void add_row(std::int64_t row, float strength, std::span<float> out) const override {
    const auto factors = small_.row(row / large_.rows), values = large_.row(row % large_.rows);
    for (std::size_t i = 0; i < factors.size(); ++i) {
      float* to = out.data() + i * values.size();
      for (std::size_t c = 0; c < values.size(); ++c) {
        to[c] += strength * (scale_ * (factors[i] * values[c]));
      }
    }
  }

 private:
  const Matrix small_, large_;
  const float scale_;
};

/// The whole difference.
class Whole final : public Delta {
 public:
  explicit Whole(Matrix values) : values_(std::move(values)) {}
  Size size() const { return {values_.rows, values_.columns}; }
  void add_row(std::int64_t row, float strength, std::span<float> out) const override {
    const auto mine = values_.row(row);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += strength * mine[c];
  }

 private:
  const Matrix values_;
};

/// DoRA: the changed weight W + D brought to learned lengths m, of its rows or of its columns:
/// m (W + D) / |W + D| - W. AUTOMATIC1111 multiplies this difference by alpha / rank, where the
/// trainer multiplies D: pictures are as there.
class Decomposed final : public Delta {
 public:
  Decomposed(std::unique_ptr<Delta> inner, TensorSource base, Matrix lengths, float scale)
      : inner_(std::move(inner)),
        base_(std::move(base)),
        lengths_(std::move(lengths)),
        scale_(scale),
        rows_(base_.shape[0]),
        columns_(base_.shape.elements() / std::max<std::int64_t>(1, rows_)),
        by_row_(lengths_.columns == 1 && lengths_.rows == rows_) {}

  void add_row(std::int64_t row, float strength, std::span<float> out) const override {
    std::vector<float> before(out.size()), merged(out.size());
    merge(row, before, merged);
    const auto norms = norms_of(row, merged);
    for (std::size_t c = 0; c < out.size(); ++c) {
      const float finished = merged[c] * (length(row, c) / norms(c)) - before[c];
      out[c] += strength * (scale_ * finished);
    }
  }

 private:
  std::int64_t input_of(std::size_t column) const {
    return static_cast<std::int64_t>(column) / (columns_ / base_.shape[1]);
  }
  float length(std::int64_t row, std::size_t column) const {
    return lengths_.values[static_cast<std::size_t>(by_row_ ? row : input_of(column))];
  }

  void merge(std::int64_t row, std::span<float> before, std::span<float> merged) const {
    base_.read(row * columns_, before);
    std::ranges::copy(before, merged.begin());
    inner_->add_row(row, 1.0f, merged);
  }

  // The norm that belongs to a column's element, over the other axis.
  std::function<float(std::size_t)> norms_of(std::int64_t, std::span<const float> merged) const {
    if (by_row_) {
      double squares = 0;
      for (const float value : merged) squares += double{value} * value;
      return [norm = static_cast<float>(std::sqrt(squares))](std::size_t) { return norm; };
    }
    std::call_once(once_, [this] { measure_columns(); });
    return [this](std::size_t column) {
      return column_norms_[static_cast<std::size_t>(input_of(column))];
    };
  }

  // All rows must be seen for it: once, whatever is read first.
  void measure_columns() const {
    std::vector<double> squares(static_cast<std::size_t>(base_.shape[1]));
    std::vector<float> before(static_cast<std::size_t>(columns_)), merged(before.size());
    for (std::int64_t row = 0; row < rows_; ++row) {
      merge(row, before, merged);
      for (std::size_t c = 0; c < merged.size(); ++c) {
        squares[static_cast<std::size_t>(input_of(c))] += double{merged[c]} * merged[c];
      }
    }
    for (const double sum : squares) column_norms_.push_back(static_cast<float>(std::sqrt(sum)));
  }

  const std::unique_ptr<Delta> inner_;
  const TensorSource base_;
  const Matrix lengths_;
  const float scale_;
  const std::int64_t rows_, columns_;
  const bool by_row_;
  mutable std::once_flag once_;
  mutable std::vector<float> column_norms_;
};

/// Reads the factors of one module.
class Builder {
 public:
  Builder(const Factors& factors, const TensorSource& base, std::string_view module)
      : factors_(factors), base_(base), module_(module) {}

  std::unique_ptr<Delta> build() const {
    if (has("dora_scale")) {
      return std::make_unique<Decomposed>(plain(1.0f), base_, matrix("dora_scale"),
                                          scale_of_rank());
    }
    return plain(scale_of_rank());
  }

 private:
  bool has(std::string_view name) const { return factors_.contains(name); }
  Matrix matrix(std::string_view name) const {
    const auto it = factors_.find(name);
    if (it == factors_.end()) {
      fail(ErrorCode::kWrongModel, "the change of '{}' lacks its '{}'", printable(module_), name);
    }
    return read_matrix(it->second);
  }

  std::unique_ptr<Delta> plain(float scale) const {
    if (has("lora_down")) return checked(std::make_unique<LowRank>(lora(), scale));
    if (has("hada_w1_a")) {
      return checked(std::make_unique<Hadamard>(hada("1"), hada("2"), scale));
    }
    if (has("lokr_w1") || has("lokr_w1_a")) return kronecker(scale);
    if (has("diff")) return checked(std::make_unique<Whole>(matrix("diff")));
    return nullptr;
  }

  // alpha / rank; a file without an alpha means alpha = rank.
  float scale_of_rank() const {
    if (!has("alpha")) return 1.0f;
    const std::optional<std::int64_t> rank = rank_of_factors();
    if (!rank || *rank == 0) return 1.0f;
    return matrix("alpha").values.at(0) / static_cast<float>(*rank);
  }

  std::optional<std::int64_t> rank_of_factors() const {
    for (const std::string_view name : {"lora_down", "hada_w1_b", "lokr_w1_b", "lokr_w2_b"}) {
      const auto it = factors_.find(name);
      if (it != factors_.end() && it->second.shape.rank() > 0) return it->second.shape[0];
    }
    return std::nullopt;  // both of a LoKr's whole
  }

  std::int64_t second_dimension(std::string_view name) const {
    const Shape& shape = factors_.find(name)->second.shape;
    return shape.rank() > 1 ? shape[1] : 1;
  }

  Product lora() const {
    Matrix down = matrix("lora_down");
    if (has("lora_mid")) {
      down = with_core(matrix("lora_mid"), second_dimension("lora_mid"), down);
    }
    return {.up = matrix("lora_up"), .down = std::move(down)};
  }

  Product hada(const std::string& which) const {
    const std::string a = "hada_w" + which + "_a", b = "hada_w" + which + "_b";
    const std::string core = "hada_t" + which;
    if (!has(core)) return {.up = matrix(a), .down = matrix(b)};
    return {.up = transposed(matrix(a)),
            .down = with_core(matrix(core), second_dimension(core), matrix(b))};
  }

  std::unique_ptr<Delta> kronecker(float scale) const {
    const Matrix small =
        has("lokr_w1") ? matrix("lokr_w1") : multiplied(matrix("lokr_w1_a"), matrix("lokr_w1_b"));
    Matrix large;
    if (has("lokr_w2")) {
      large = matrix("lokr_w2");
    } else if (has("lokr_t2")) {
      large = multiplied(
          transposed(matrix("lokr_w2_a")),
          with_core(matrix("lokr_t2"), second_dimension("lokr_t2"), matrix("lokr_w2_b")));
    } else {
      large = multiplied(matrix("lokr_w2_a"), matrix("lokr_w2_b"));
    }
    const bool whole = (has("lokr_w1") && has("lokr_w2"));
    return checked(std::make_unique<Kronecker>(small, std::move(large), whole ? 1.0f : scale));
  }

  template <typename T>
  std::unique_ptr<Delta> checked(std::unique_ptr<T> delta) const {
    const Size size = delta->size();
    const std::int64_t rows = base_.shape.rank() == 0 ? 1 : base_.shape[0];
    const std::int64_t columns = rows == 0 ? 0 : base_.shape.elements() / rows;
    if (size.rows == rows && size.columns == columns) return delta;
    fail(ErrorCode::kWrongModel,
         "the change of '{}' is for a weight of {} rows and {} columns, the model's has {} and {}: "
         "it was trained on another kind of model",
         printable(module_), size.rows, size.columns, rows, columns);
  }

  const Factors& factors_;
  const TensorSource& base_;
  const std::string_view module_;
};

}  // namespace

std::unique_ptr<Delta> make_delta(const Factors& factors, const TensorSource& base,
                                  std::string_view module) {
  return Builder(factors, base, module).build();
}

}  // namespace easel
