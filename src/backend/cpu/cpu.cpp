#include "backend/cpu/cpu.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "backend/cpu/attention.h"
#include "backend/cpu/conv2d.h"
#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/linear.h"

namespace easel {
namespace cpu {
namespace {

// Rows of an element-wise operation or a partial sum that one task takes. Fixed, so that the order
// of a sum never depends on the number of threads.
constexpr std::int64_t kTaskRows = 64;

template <typename Body>
void each_rows(ThreadPool& threads, std::int64_t rows, const Body& body) {
  threads.parallel_for(ceil_div(rows, kTaskRows), [&](std::int64_t i) {
    body(i * kTaskRows, std::min(kTaskRows, rows - i * kTaskRows));
  });
}

template <typename Body>
void each_row(ThreadPool& threads, std::int64_t rows, const Body& body) {
  each_rows(threads, rows, [&](std::int64_t first, std::int64_t count) {
    for (std::int64_t row = first; row < first + count; ++row) body(row);
  });
}

// Turns the sums of a picture's chunks into the factor and offset of each channel.
void fold_moments(const GroupNormSpec& spec, const float* sums, std::int64_t chunks,
                  std::int64_t rows, std::int64_t channels, const std::vector<float>& gamma,
                  const std::vector<float>& beta, float* scale, float* shift) {
  const std::int64_t width = channels / spec.groups;
  const double count = static_cast<double>(rows * width);
  for (std::int64_t g = 0; g < spec.groups; ++g) {
    double sum = 0, squares = 0;
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
      const float* of_chunk = sums + chunk * 2 * channels;
      for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
        sum += of_chunk[c];
        squares += of_chunk[channels + c];
      }
    }
    const double mean = sum / count;
    const double variance = std::max(0.0, squares / count - mean * mean);
    const double inverse = 1.0 / std::sqrt(variance + static_cast<double>(spec.eps));
    for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
      const auto i = static_cast<std::size_t>(c);
      scale[c] = static_cast<float>(gamma[i] * inverse);
      shift[c] = static_cast<float>(beta[i] - mean * gamma[i] * inverse);
    }
  }
}

}  // namespace

CpuBackend::CpuBackend(const BackendOptions& options)
    : Backend(options.threads, options.cpu.cores),
      context_{.kernels = kernels_for(options.target),
               .precision = options.precision,
               .convolution = options.cpu.convolution,
               .arena = &arena(),
               .threads = &threads(),
               .scratch = Scratch(threads().threads())} {}

std::unique_ptr<LinearOp> CpuBackend::linear(const LinearSpec& spec, const TensorSource& weight,
                                             const TensorSource* bias) {
  return make_linear(context_, spec, weight, bias);
}

std::unique_ptr<Conv2dOp> CpuBackend::conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                             const TensorSource* bias) {
  return make_conv2d(context_, spec, weight, bias);
}

void CpuBackend::group_norm(const GroupNormSpec& spec, ConstView x, const std::vector<float>& gamma,
                            const std::vector<float>& beta, View out) {
  assert(x.channels() % spec.groups == 0);
  const std::int64_t pictures = x.shape[0], channels = x.channels();
  const std::int64_t rows = x.rows() / pictures, chunks = ceil_div(rows, kTaskRows);
  const Temporary memory(arena(), pictures * (chunks + 1) * 2 * channels);
  float* sums = memory.data();                               // [picture][chunk][2][channels]
  float* factors = sums + pictures * chunks * 2 * channels;  // [picture][2][channels]

  const auto chunk_of = [&](std::int64_t task) {
    const std::int64_t first = task % chunks * kTaskRows;
    return std::pair(task / chunks * rows + first, std::min(kTaskRows, rows - first));
  };
  threads().parallel_for(pictures * chunks, [&](std::int64_t task) {
    const auto [row, count] = chunk_of(task);
    float* to = sums + task * 2 * channels;
    context_.kernels.norm.channel_moments(x.data + row * x.stride, count, x.stride, channels, to,
                                          to + channels);
  });
  for (std::int64_t b = 0; b < pictures; ++b) {
    float* scale = factors + b * 2 * channels;
    fold_moments(spec, sums + b * chunks * 2 * channels, chunks, rows, channels, gamma, beta, scale,
                 scale + channels);
  }
  threads().parallel_for(pictures * chunks, [&](std::int64_t task) {
    const auto [row, count] = chunk_of(task);
    const float* scale = factors + task / chunks * 2 * channels;
    context_.kernels.norm.affine(x.data + row * x.stride, count, x.stride, channels, scale,
                                 scale + channels, spec.activation, out.data + row * out.stride,
                                 out.stride);
  });
}

void CpuBackend::layer_norm(float eps, ConstView x, const std::vector<float>& gamma,
                            const std::vector<float>& beta, View out) {
  each_rows(threads(), x.rows(), [&](std::int64_t row, std::int64_t rows) {
    context_.kernels.norm.layer_norm(eps, x.data + row * x.stride, rows, x.stride, x.channels(),
                                     gamma.data(), beta.data(), out.data + row * out.stride,
                                     out.stride);
  });
}

std::unique_ptr<KeyValues> CpuBackend::prepare_keys(ConstView k, ConstView v, int heads) {
  return pack_keys(context_, k, v, heads);
}

void CpuBackend::attend(ConstView q, const KeyValues& keys, View out) {
  cpu::attend(context_, q, keys, out);
}

void CpuBackend::activate(Activation activation, ConstView x, View out) {
  each_row(threads(), x.rows(), [&](std::int64_t row) {
    context_.kernels.norm.activate(activation, x.data + row * x.stride, x.channels(),
                                   out.data + row * out.stride);
  });
}

void CpuBackend::prelu(ConstView x, const std::vector<float>& slope, View out) {
  each_row(threads(), x.rows(), [&](std::int64_t row) {
    const float* in = x.data + row * x.stride;
    float* to = out.data + row * out.stride;
    for (std::int64_t c = 0; c < x.channels(); ++c) {
      to[c] = std::max(in[c], 0.0f) + slope[static_cast<std::size_t>(c)] * std::min(in[c], 0.0f);
    }
  });
}

void CpuBackend::add_scaled(ConstView x, float scale, ConstView residual, View out) {
  each_row(threads(), x.rows(), [&](std::int64_t row) {
    context_.kernels.norm.add_scaled(x.data + row * x.stride, scale,
                                     residual.data + row * residual.stride, x.channels(),
                                     out.data + row * out.stride);
  });
}

void CpuBackend::copy(ConstView x, View out) {
  each_row(threads(), x.rows(), [&](std::int64_t row) {
    std::memcpy(out.data + row * out.stride, x.data + row * x.stride,
                static_cast<std::size_t>(x.channels()) * sizeof(float));
  });
}

}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend(const BackendOptions& options) {
  return std::make_unique<cpu::CpuBackend>(options);
}

}  // namespace easel
