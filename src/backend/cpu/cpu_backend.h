#pragma once

#include "backend/cpu/context.h"
#include "backend/registry.h"

namespace easel::cpu {

/// The cpu backend; a backend with products of its own may take the rest from here.
class CpuBackend : public Backend {
 public:
  explicit CpuBackend(const BackendOptions& options);

  std::string name() const override { return "cpu"; }
  std::string target() const override { return context_.kernels.target; }

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override;
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override;
  void group_norm(const GroupNormSpec& spec, ConstView x, const std::vector<float>& gamma,
                  const std::vector<float>& beta, View out) override;
  void layer_norm(float eps, ConstView x, const std::vector<float>& gamma,
                  const std::vector<float>& beta, View out) override;
  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override;
  void attend(ConstView q, const KeyValues& keys, View out) override;
  void activate(Activation activation, ConstView x, View out) override;
  void prelu(ConstView x, const std::vector<float>& slope, View out) override;
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override;
  void copy(ConstView x, View out) override;

 protected:
  const Context& context() const { return context_; }

 private:
  const Context context_;
};

}  // namespace easel::cpu
