#include "backend/cpu/elements.h"

#include <cassert>
#include <cstring>

#include "backend/cpu/rows.h"
#include "backend/follow.h"

namespace easel::cpu {
namespace {

void copy_row(const float* from, std::int64_t channels, float* to) {
  std::memcpy(to, from, static_cast<std::size_t>(channels) * sizeof(float));
}

}  // namespace

void activate(const Context& context, Activation activation, ConstView x, View out) {
  each_row(context, x.rows(), [&](std::int64_t row) {
    context.kernels.norm.activate(activation, host(x) + row * x.stride, x.channels(),
                                  host(out) + row * out.stride);
  });
}

void add_scaled(const Context& context, ConstView x, float scale, ConstView residual, View out) {
  each_row(context, x.rows(), [&](std::int64_t row) {
    context.kernels.norm.add_scaled(host(x) + row * x.stride, scale,
                                    host(residual) + row * residual.stride, x.channels(),
                                    host(out) + row * out.stride);
  });
}

void copy(const Context& context, const Repeated& x, View out) {
  assert(out.rows() % x.pictures.rows() == 0 && out.channels() == x.channels());
  each_row(context, out.rows(), [&](std::int64_t row) {
    copy_row(host(x.pictures) + x.row(row) * x.pictures.stride, x.channels(),
             host(out) + row * out.stride);
  });
}

void gather_rows(const Context& context, ConstView table, std::span<const int> rows, View out) {
  assert(out.rows() == static_cast<std::int64_t>(rows.size()));
  each_row(context, out.rows(), [&](std::int64_t row) {
    copy_row(host(table) + rows[static_cast<std::size_t>(row)] * table.stride, table.channels(),
             host(out) + row * out.stride);
  });
}

void pixel_shuffle(const Context& context, ConstView x, int factor, View out) {
  const std::int64_t f = factor, width = x.shape[2], channels = out.channels();
  assert(channels * f * f == x.channels());
  context.threads->parallel_for(x.shape[0] * x.shape[1], [&](std::int64_t row) {
    for (std::int64_t i = 0; i < width; ++i) {
      const float* from = host(x) + (row * width + i) * x.stride;
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t k = 0; k < f * f; ++k) {
          const std::int64_t pixel = (row * f + k / f) * width * f + i * f + k % f;
          host(out)[pixel * out.stride + c] = *from++;
        }
      }
    }
  });
}

void pixel_unshuffle(const Context& context, ConstView x, int factor, View out) {
  const std::int64_t f = factor, width = out.shape[2], channels = x.channels();
  assert(out.shape[1] * f == x.shape[1] && width * f == x.shape[2]);
  context.threads->parallel_for(out.shape[0] * out.shape[1], [&](std::int64_t row) {
    for (std::int64_t i = 0; i < width; ++i) {
      float* to = host(out) + (row * width + i) * out.stride;
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t k = 0; k < f * f; ++k) {
          const std::int64_t pixel = (row * f + k / f) * width * f + i * f + k % f;
          *to++ = host(x)[pixel * x.stride + c];
        }
      }
    }
  });
}

void add_enlarged(const Context& context, ConstView x, int factor, View out) {
  const std::int64_t f = factor, width = out.shape[2], channels = out.channels();
  context.threads->parallel_for(out.shape[0] * out.shape[1], [&](std::int64_t row) {
    const float* from = host(x) + row / f * (width / f) * x.stride;
    float* to = host(out) + row * width * out.stride;
    for (std::int64_t i = 0; i < width; ++i) {
      for (std::int64_t c = 0; c < channels; ++c) {
        to[i * out.stride + c] += from[i / f * x.stride + c];
      }
    }
  });
}

}  // namespace easel::cpu
