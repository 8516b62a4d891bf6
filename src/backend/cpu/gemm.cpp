#include "backend/cpu/gemm.h"

#include <algorithm>

#include "backend/follow.h"

namespace easel::cpu {
namespace {

constexpr std::int64_t kMostRows = 144;
constexpr std::int64_t kFewestRows = 48;
// Fewest rows that a thread takes through all panels.
constexpr std::int64_t kTallRows = 32;
// Rows and results that another core has just written cost as much as reading so many weights,
// which are asked for in time.
constexpr std::int64_t kHandoverCost = 3;

struct Plan {
  std::int64_t rows;        // of the left operand
  std::int64_t k_blocks;    // pieces of each sum
  std::int64_t chunk_rows;  // most rows that are packed together
  std::int64_t chunks;
  bool tall;
};

// How rows are shared out changes no result: every row's sums are its own.
Plan plan_for(const Context& context, std::int64_t rows, std::int64_t k, std::int64_t columns) {
  const std::int64_t threads = context.threads->threads();
  const std::int64_t k_blocks = ceil_div(k, kBlockK);
  // Rows that are kept packed while the panels stream by take half of a second-level cache.
  const std::int64_t fit = context.second_level_floats / 2 / (k_blocks * kRowStride);
  const std::int64_t most = std::clamp(fit, kFewestRows, kMostRows);
  // Threads that share out rows each read all weights; threads that share out panels hand rows and
  // results from core to core.
  const bool tall =
      rows >= threads * kTallRows && kHandoverCost * rows * (k + columns) > k * columns;
  std::int64_t chunks = ceil_div(rows, most);
  if (tall) chunks = ceil_div(chunks, threads) * threads;
  return {.rows = rows,
          .k_blocks = k_blocks,
          .chunk_rows = ceil_div(rows, chunks),
          .chunks = chunks,
          .tall = tall};
}

// Finishing the first of rows [row, row + rows) of a panel, whose sums are at `c`: as many of them
// as belong to one picture where an addend differs between pictures, and none beyond the last
// picture of a residual that begins again there.
FinishTile finish_tile(const Context& context, const float* bias, const GemmFinish& finish,
                       std::int64_t panel, std::int64_t row, std::int64_t rows, const float* c,
                       std::int64_t c_stride) {
  const bool gated = finish.activation == Activation::kGeglu;
  const std::int64_t width = gated ? context.kernels.gemm.lanes : context.kernels.panel();
  const std::int64_t first = panel * width;
  const Epilogue& epilogue = finish.epilogue;
  const float* per_picture = nullptr;
  if (epilogue.per_picture) {
    const std::int64_t picture = row / finish.rows_per_picture;
    rows = std::min(rows, (picture + 1) * finish.rows_per_picture - row);
    const ConstView& table = epilogue.per_picture->pictures;
    per_picture = host(table) + epilogue.per_picture->row(picture) * table.stride + first;
  }
  const float* residual = nullptr;
  if (epilogue.residual) {
    const ConstView& pictures = epilogue.residual->pictures;
    const std::int64_t from = epilogue.residual->row(row);
    rows = std::min(rows, pictures.rows() - from);
    residual = host(pictures) + from * pictures.stride + first;
  }
  return {.rows = rows,
          .columns = std::min(width, finish.out.channels() - first),
          .c = c,
          .c_stride = c_stride,
          .bias = bias,
          .per_picture = per_picture,
          .activation = finish.activation,
          .scale = epilogue.scale,
          .residual = residual,
          .residual_stride = residual != nullptr ? epilogue.residual->pictures.stride : 0,
          .out = host(finish.out) + row * finish.out.stride + first,
          .out_stride = finish.out.stride};
}

class Product {
 public:
  Product(const Context& context, const PackedMatrix& matrix, const FillRows& fill,
          const GemmFinish& finish, const Plan& plan)
      : context_(context), matrix_(matrix), fill_(fill), finish_(finish), plan_(plan) {}

  std::int64_t packed_floats() const { return plan_.k_blocks * plan_.chunk_rows * kRowStride; }
  std::int64_t panel_floats() const {
    return (kBlockK + plan_.chunk_rows) * context_.kernels.panel();
  }

  std::pair<std::int64_t, std::int64_t> chunk(std::int64_t i) const {
    return piece(plan_.rows, plan_.chunks, i);
  }

  /// Packs one block of terms of one chunk: [block][row][kRowStride].
  void pack(std::int64_t i, std::int64_t block, float* packed) const {
    const auto [begin, end] = chunk(i);
    const auto [k0, k1] = piece(matrix_.k(), plan_.k_blocks, block);
    fill_(begin, end - begin, k0, k1, packed + block * plan_.chunk_rows * kRowStride);
  }

  /// `scratch` holds panel_floats().
  void multiply_panel(std::int64_t i, std::int64_t panel, const float* packed,
                      float* scratch) const {
    const auto [begin, end] = chunk(i);
    const std::int64_t width = context_.kernels.panel();
    float* sums = scratch;
    float* widened = scratch + plan_.chunk_rows * width;
    for (std::int64_t block = 0; block < plan_.k_blocks; ++block) {
      const auto [k0, k1] = piece(matrix_.k(), plan_.k_blocks, block);
      const auto ahead = after(panel, block);
      GemmTile tile{.rows = end - begin,
                    .k = k1 - k0,
                    .a = packed + block * plan_.chunk_rows * kRowStride,
                    .b = matrix_.terms(panel, k0, k1 - k0, widened),
                    .vectors = matrix_.vectors(panel),
                    .c = sums,
                    .c_stride = width,
                    .accumulate = block > 0,
                    .ahead = ahead.data(),
                    .ahead_bytes = static_cast<std::int64_t>(ahead.size())};
      if (block + 1 < plan_.k_blocks) {
        context_.kernels.gemm.multiply(tile);
      } else {
        multiply_and_finish(tile, panel, begin);
      }
    }
  }

 private:
  // The last terms of rows from `row` on: each picture's rows are finished with its own addend.
  void multiply_and_finish(GemmTile tile, std::int64_t panel, std::int64_t row) const {
    for (std::int64_t left = tile.rows; left > 0; left -= tile.rows) {
      const FinishTile part = finish_tile(context_, matrix_.bias(panel), finish_, panel, row, left,
                                          tile.c, tile.c_stride);
      tile.rows = part.rows;
      tile.finish = &part;
      context_.kernels.gemm.multiply(tile);
      tile.a += part.rows * kRowStride;
      tile.c += part.rows * tile.c_stride;
      tile.ahead = nullptr;  // has been asked for
      row += part.rows;
    }
  }

  // The weights that follow a block of a panel: the next block, or the next panel's first.
  std::span<const std::byte> after(std::int64_t panel, std::int64_t block) const {
    if (++block == plan_.k_blocks) {
      block = 0;
      if (++panel == matrix_.panels()) return {};
    }
    const auto [k0, k1] = piece(matrix_.k(), plan_.k_blocks, block);
    return matrix_.stored(panel, k0, k1 - k0);
  }

  const Context& context_;
  const PackedMatrix& matrix_;
  const FillRows& fill_;
  const GemmFinish& finish_;
  const Plan plan_;
};

// Enough rows for all threads: each packs its own chunk and runs every panel over it.
void multiply_tall(const Context& context, const PackedMatrix& matrix, const Plan& plan,
                   const Product& product) {
  context.threads->parallel_for(plan.chunks, [&](std::int64_t i, int worker) {
    float* packed =
        context.scratch.floats(worker, product.packed_floats() + product.panel_floats());
    for (std::int64_t block = 0; block < plan.k_blocks; ++block) product.pack(i, block, packed);
    for (std::int64_t panel = 0; panel < matrix.panels(); ++panel) {
      product.multiply_panel(i, panel, packed, packed + product.packed_floats());
    }
  });
}

// Few rows: they are packed once for all threads, which share out the panels; each weight is read
// once.
void multiply_thin(const Context& context, const PackedMatrix& matrix, const Plan& plan,
                   const Product& product) {
  const Temporary packed(*context.arena, plan.chunks * product.packed_floats());
  context.threads->parallel_for(plan.chunks * plan.k_blocks, [&](std::int64_t task) {
    const std::int64_t i = task / plan.k_blocks;
    product.pack(i, task % plan.k_blocks, packed.data() + i * product.packed_floats());
  });
  const std::int64_t groups =
      std::min<std::int64_t>(matrix.panels(), 8 * context.threads->threads());
  context.threads->parallel_for(groups, [&](std::int64_t group, int worker) {
    float* scratch = context.scratch.floats(worker, product.panel_floats());
    const auto [first, last] = piece(matrix.panels(), groups, group);
    for (std::int64_t panel = first; panel < last; ++panel) {
      for (std::int64_t i = 0; i < plan.chunks; ++i) {
        product.multiply_panel(i, panel, packed.data() + i * product.packed_floats(), scratch);
      }
    }
  });
}

}  // namespace

void finish_panel(const Context& context, const float* bias, const GemmFinish& finish,
                  std::int64_t panel, std::int64_t row, std::int64_t rows, const float* c,
                  std::int64_t c_stride) {
  while (rows > 0) {
    const FinishTile part = finish_tile(context, bias, finish, panel, row, rows, c, c_stride);
    context.kernels.gemm.finish(part);
    row += part.rows;
    rows -= part.rows;
    c += part.rows * c_stride;
  }
}

void multiply(const Context& context, const PackedMatrix& matrix, std::int64_t rows,
              const FillRows& fill, const GemmFinish& finish) {
  if (rows == 0) return;
  const Plan plan = plan_for(context, rows, matrix.k(), matrix.panels() * context.kernels.panel());
  const Product product(context, matrix, fill, finish, plan);
  if (plan.tall) {
    multiply_tall(context, matrix, plan, product);
  } else {
    multiply_thin(context, matrix, plan, product);
  }
}

}  // namespace easel::cpu
