#ifdef EASEL_ONEDNN
#include "backend/onednn/product.h"

namespace easel::onednn {
namespace {

using cpu::ceil_div;

class Job {
 public:
  Job(const cpu::Context& context, const Matrix& matrix, std::int64_t pictures,
      const FillRows& fill, const cpu::GemmFinish& finish)
      : context_(context),
        matrix_(matrix),
        fill_(fill),
        finish_(finish),
        pieces_(ceil_div(finish.rows_per_picture, kChunkRows)),
        chunks_(pictures * pieces_),
        row_bytes_(matrix.k() * static_cast<std::int64_t>(bytes_of(matrix.element()))),
        sum_floats_(kChunkRows * matrix.most_columns()) {}

  // Either each thread takes rows and runs all weights past them, or it takes weights and runs all
  // rows past those: whichever reads less.
  void run() const {
    const std::int64_t rows = chunks_ * chunk_floats(), weights = matrix_.bytes() / 4;
    const std::int64_t threads = context_.threads->threads();
    if (chunks_ >= threads &&
        (chunks_ * weights <= matrix_.groups() * rows || matrix_.groups() < threads)) {
      each_takes_rows();
    } else {
      each_takes_weights();
    }
  }

 private:
  std::int64_t chunk_floats() const { return ceil_div(kChunkRows * row_bytes_, 64) * 16; }

  std::pair<std::int64_t, std::int64_t> rows_of(std::int64_t chunk) const {
    const std::int64_t picture = chunk / pieces_ * finish_.rows_per_picture;
    const auto [begin, end] = cpu::piece(finish_.rows_per_picture, pieces_, chunk % pieces_);
    return {picture + begin, end - begin};
  }

  void each_takes_rows() const {
    context_.threads->parallel_for(chunks_, [&](std::int64_t chunk, int worker) {
      float* packed = context_.scratch.floats(worker, chunk_floats() + sum_floats_);
      const auto [row, rows] = rows_of(chunk);
      fill_(row, rows, packed);
      for (std::int64_t group = 0; group < matrix_.groups(); ++group) {
        multiply(chunk, group, packed, packed + chunk_floats(), worker);
      }
    });
  }

  void each_takes_weights() const {
    const cpu::Temporary packed(*context_.arena, chunks_ * chunk_floats());
    context_.threads->parallel_for(chunks_, [&](std::int64_t chunk) {
      const auto [row, rows] = rows_of(chunk);
      fill_(row, rows, packed.data() + chunk * chunk_floats());
    });
    context_.threads->parallel_for(matrix_.groups(), [&](std::int64_t group, int worker) {
      float* sums = context_.scratch.floats(worker, sum_floats_);
      for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
        multiply(chunk, group, packed.data() + chunk * chunk_floats(), sums, worker);
      }
    });
  }

  void multiply(std::int64_t chunk, std::int64_t group, const float* packed, float* sums,
                int worker) const {
    const auto [row, rows] = rows_of(chunk);
    matrix_.multiply(group, rows, packed, sums, worker);
    const auto [first, last] = matrix_.panels(group);
    const std::int64_t width = context_.kernels.panel();
    for (std::int64_t panel = first; panel < last; ++panel) {
      cpu::finish_panel(context_, matrix_.bias(panel), finish_, panel, row, rows,
                        sums + (panel - first) * width, matrix_.columns(group));
    }
  }

  const cpu::Context& context_;
  const Matrix& matrix_;
  const FillRows& fill_;
  const cpu::GemmFinish& finish_;
  const std::int64_t pieces_, chunks_, row_bytes_, sum_floats_;
};

}  // namespace

void multiply(const cpu::Context& context, const Matrix& matrix, std::int64_t pictures,
              const FillRows& fill, const cpu::GemmFinish& finish) {
  if (pictures == 0 || finish.rows_per_picture == 0) return;
  Job(context, matrix, pictures, fill, finish).run();
}

}  // namespace easel::onednn
#endif
