#pragma once

#include "backend/cpu/context.h"
#include "backend/cpu/options.h"
#include "backend/host_backend.h"

namespace easel::cpu {

/// The cpu backend; a backend with products of its own may take the rest from here.
class CpuBackend : public HostBackend {
 public:
  explicit CpuBackend(const CpuBackendSpec& spec);

  BackendFacts facts() const override;

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override;
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override;
  std::unique_ptr<UnaryOp> group_norm(const GroupNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override;
  std::unique_ptr<UnaryOp> layer_norm(const LayerNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override;
  std::unique_ptr<UnaryOp> prelu(const TensorSource& slope) override;
  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override;
  void attend(Repeated q, std::span<const KeyValues* const> keys, View out) override;
  void attend(ConstView q, ConstView k, ConstView v, const AttendSpec& spec, View out) override;
  void activate(Activation activation, ConstView x, View out) override;
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override;
  void copy(Repeated x, View out) override;
  void gather_rows(ConstView table, std::span<const int> rows, View out) override;
  void pixel_shuffle(ConstView x, int factor, View out) override;
  void pixel_unshuffle(ConstView x, int factor, View out) override;
  void add_enlarged(ConstView x, int factor, View out) override;

 protected:
  const Context& context() const { return context_; }

 private:
  const Context context_;
};

}  // namespace easel::cpu
