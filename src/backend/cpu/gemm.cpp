#include "backend/cpu/gemm.h"

#include <algorithm>

namespace easel::cpu {
namespace {

// Rows kept packed while the panels stream by: about a megabyte, half of a second-level cache.
constexpr std::int64_t kChunkFloats = std::int64_t{1} << 18;
constexpr std::int64_t kMostRows = 192;
constexpr std::int64_t kFewestRows = 48;

struct Plan {
  std::int64_t rows;        // of the left operand
  std::int64_t k_blocks;    // pieces of each sum
  std::int64_t chunk_rows;  // rows that are packed together
  std::int64_t chunks;
};

Plan plan_for(std::int64_t rows, std::int64_t k) {
  const std::int64_t k_blocks = ceil_div(k, kBlockK);
  const std::int64_t fit = kChunkFloats / (k_blocks * kRowStride);
  const std::int64_t most = std::clamp(fit, kFewestRows, kMostRows);
  const std::int64_t chunks = ceil_div(rows, most);
  return {
      .rows = rows, .k_blocks = k_blocks, .chunk_rows = ceil_div(rows, chunks), .chunks = chunks};
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
    return {std::min(plan_.rows, i * plan_.chunk_rows),
            std::min(plan_.rows, (i + 1) * plan_.chunk_rows)};
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
      context_.kernels.gemm.multiply({.rows = end - begin,
                                      .k = k1 - k0,
                                      .a = packed + block * plan_.chunk_rows * kRowStride,
                                      .b = matrix_.terms(panel, k0, k1 - k0, widened),
                                      .vectors = matrix_.vectors(panel),
                                      .c = sums,
                                      .c_stride = width,
                                      .accumulate = block > 0,
                                      .ahead = ahead.data(),
                                      .ahead_bytes = static_cast<std::int64_t>(ahead.size())});
    }
    finish_panel(context_, matrix_, finish_, panel, begin, end - begin, sums, width);
  }

 private:
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

void finish_panel(const Context& context, const PackedMatrix& matrix, const GemmFinish& finish,
                  std::int64_t panel, std::int64_t row, std::int64_t rows, const float* c,
                  std::int64_t c_stride) {
  const bool gated = finish.activation == Activation::kGeglu;
  const std::int64_t width = gated ? context.kernels.gemm.lanes : context.kernels.panel();
  const std::int64_t first = panel * width;
  const std::int64_t columns = std::min(width, finish.out.channels() - first);
  const Epilogue& epilogue = finish.epilogue;
  for (std::int64_t done = 0; done < rows;) {
    std::int64_t count = rows - done;
    const float* per_picture = nullptr;
    if (epilogue.per_picture != nullptr) {
      const std::int64_t picture = (row + done) / finish.rows_per_picture;
      count = std::min(count, (picture + 1) * finish.rows_per_picture - row - done);
      per_picture = epilogue.per_picture->data() + picture * finish.out.channels() + first;
    }
    const auto& residual = epilogue.residual;
    context.kernels.gemm.finish(
        {.rows = count,
         .columns = columns,
         .c = c + done * c_stride,
         .c_stride = c_stride,
         .bias = matrix.bias(panel),
         .per_picture = per_picture,
         .activation = finish.activation,
         .scale = epilogue.scale,
         .residual = residual ? residual->data + (row + done) * residual->stride + first : nullptr,
         .residual_stride = residual ? residual->stride : 0,
         .out = finish.out.data + (row + done) * finish.out.stride + first,
         .out_stride = finish.out.stride});
    done += count;
  }
}

void multiply(const Context& context, const PackedMatrix& matrix, std::int64_t rows,
              const FillRows& fill, const GemmFinish& finish) {
  if (rows == 0) return;
  const Plan plan = plan_for(rows, matrix.k());
  const Product product(context, matrix, fill, finish, plan);
  if (plan.chunks >= 2 * context.threads->threads()) {
    multiply_tall(context, matrix, plan, product);
  } else {
    multiply_thin(context, matrix, plan, product);
  }
}

}  // namespace easel::cpu
