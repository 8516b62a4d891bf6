#include "backend/cpu/cpu.h"

#include "backend/cpu/attention.h"
#include "backend/cpu/conv2d.h"
#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/elements.h"
#include "backend/cpu/linear.h"
#include "backend/cpu/machine.h"
#include "backend/cpu/norm.h"

namespace easel {
namespace cpu {

CpuBackend::CpuBackend(const CpuBackendSpec& spec)
    : HostBackend(spec.threads, spec.options.cores),
      context_{.kernels = kernels_for(spec.target),
               .precision = spec.precision,
               .convolution = spec.options.convolution,
               .second_level_floats =
                   spec.options.second_level_cache.value_or(second_level_cache_bytes()) /
                   static_cast<std::int64_t>(sizeof(float)),
               .arena = &arena(),
               .threads = &threads(),
               .scratch = Scratch(threads().threads())} {}

BackendFacts CpuBackend::facts() const {
  const bool halves = context_.precision == Precision::kF16;
  return {.name = "cpu",
          .target = context_.kernels.target,
          .label = context_.kernels.target,
          .instruction_set = context_.kernels.target,
          .precision = halves ? "fp16" : "fp32",
          .bytes_per_weight = halves ? 2 : 4};
}

std::unique_ptr<LinearOp> CpuBackend::linear(const LinearSpec& spec, const TensorSource& weight,
                                             const TensorSource* bias) {
  return make_linear(context_, spec, weight, bias);
}
std::unique_ptr<Conv2dOp> CpuBackend::conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                             const TensorSource* bias) {
  return make_conv2d(context_, spec, weight, bias);
}
std::unique_ptr<UnaryOp> CpuBackend::group_norm(const GroupNormSpec& spec,
                                                const TensorSource& gamma,
                                                const TensorSource& beta) {
  return make_group_norm(context_, spec, gamma, beta);
}
std::unique_ptr<UnaryOp> CpuBackend::layer_norm(const LayerNormSpec& spec,
                                                const TensorSource& gamma,
                                                const TensorSource& beta) {
  return make_layer_norm(context_, spec, gamma, beta);
}
std::unique_ptr<UnaryOp> CpuBackend::prelu(const TensorSource& slope) {
  return make_prelu(context_, slope);
}
std::unique_ptr<KeyValues> CpuBackend::prepare_keys(ConstView k, ConstView v, int heads) {
  return pack_keys(context_, k, v, heads);
}
void CpuBackend::attend(Repeated q, std::span<const KeyValues* const> keys, View out) {
  cpu::attend(context_, q, keys, out);
}
void CpuBackend::attend(ConstView q, ConstView k, ConstView v, const AttendSpec& spec, View out) {
  cpu::attend(context_, q, k, v, spec, out);
}
void CpuBackend::activate(Activation activation, ConstView x, View out) {
  cpu::activate(context_, activation, x, out);
}
void CpuBackend::add_scaled(ConstView x, float scale, ConstView residual, View out) {
  cpu::add_scaled(context_, x, scale, residual, out);
}
void CpuBackend::copy(Repeated x, View out) { cpu::copy(context_, x, out); }
void CpuBackend::gather_rows(ConstView table, std::span<const int> rows, View out) {
  cpu::gather_rows(context_, table, rows, out);
}
void CpuBackend::pixel_shuffle(ConstView x, int factor, View out) {
  cpu::pixel_shuffle(context_, x, factor, out);
}
void CpuBackend::pixel_unshuffle(ConstView x, int factor, View out) {
  cpu::pixel_unshuffle(context_, x, factor, out);
}
void CpuBackend::add_enlarged(ConstView x, int factor, View out) {
  cpu::add_enlarged(context_, x, factor, out);
}

}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend(const CpuBackendSpec& spec) {
  return std::make_unique<cpu::CpuBackend>(spec);
}

}  // namespace easel
