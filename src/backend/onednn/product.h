#pragma once

#include <functional>

#include "backend/cpu/gemm.h"
#include "backend/onednn/matrix.h"

namespace easel::onednn {

/// The left operand: writes rows [row, row + rows) to `out`, dense, in the matrix's element type.
/// Called from several threads.
using FillRows = std::function<void(std::int64_t row, std::int64_t rows, void* out)>;

/// out = finish(rows * matrix) for `pictures` times finish.rows_per_picture rows. Every picture's
/// rows are cut alike, so that it is computed as if it were alone.
void multiply(const cpu::Context& context, const Matrix& matrix, std::int64_t pictures,
              const FillRows& fill, const cpu::GemmFinish& finish);

}  // namespace easel::onednn
