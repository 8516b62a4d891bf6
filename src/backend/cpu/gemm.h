#pragma once

#include <functional>

#include "backend/cpu/packed_matrix.h"

namespace easel::cpu {

/// The left operand of a product: writes terms [k0, k1) of rows [row, row + rows) to `out`, the
/// rows kRowStride apart. Called from several threads.
using FillRows = std::function<void(std::int64_t row, std::int64_t rows, std::int64_t k0,
                                    std::int64_t k1, float* out)>;

/// What happens to the sums on their way to `out`.
struct GemmFinish {
  Activation activation = Activation::kNone;
  Epilogue epilogue{};
  std::int64_t rows_per_picture = 1;  ///< for epilogue.per_picture
  View out;
};

/// out = finish(rows * matrix). Sums are taken over blocks of at most kBlockK terms whose borders
/// depend on k alone, so that every row is computed alike in any company and on any thread.
void multiply(const Context& context, const PackedMatrix& matrix, std::int64_t rows,
              const FillRows& fill, const GemmFinish& finish);

/// Finishes rows [row, row + rows) of one panel; `c` holds their sums, `bias` the panel's.
void finish_panel(const Context& context, const float* bias, const GemmFinish& finish,
                  std::int64_t panel, std::int64_t row, std::int64_t rows, const float* c,
                  std::int64_t c_stride);

}  // namespace easel::cpu
