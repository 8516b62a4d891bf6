#pragma once

#include "backend/backend.h"

namespace easel {

/// A backend that passes everything on to `inner`, which outlives it: for those that watch another
/// one at work and override what they watch.
class ForwardingBackend : public Backend {
 public:
  explicit ForwardingBackend(Backend& inner) : inner_(inner) {}

  BackendFacts facts() const override { return inner_.facts(); }
  Arena& arena() override { return inner_.arena(); }
  std::int64_t available_memory() const override { return inner_.available_memory(); }
  ThreadPool& threads() override { return inner_.threads(); }

  void upload(std::span<const float> values, Layout layout, View out) override {
    inner_.upload(values, layout, out);
  }
  void download(ConstView x, Layout layout, std::span<float> out) override {
    inner_.download(x, layout, out);
  }
  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return inner_.linear(spec, weight, bias);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return inner_.conv2d(spec, weight, bias);
  }
  std::unique_ptr<UnaryOp> group_norm(const GroupNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override {
    return inner_.group_norm(spec, gamma, beta);
  }
  std::unique_ptr<UnaryOp> layer_norm(const LayerNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override {
    return inner_.layer_norm(spec, gamma, beta);
  }
  std::unique_ptr<UnaryOp> prelu(const TensorSource& slope) override { return inner_.prelu(slope); }
  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override {
    return inner_.prepare_keys(k, v, heads);
  }
  void attend(Repeated q, std::span<const KeyValues* const> keys, View out) override {
    inner_.attend(q, keys, out);
  }
  void attend(ConstView q, ConstView k, ConstView v, const AttendSpec& spec, View out) override {
    inner_.attend(q, k, v, spec, out);
  }
  void activate(Activation activation, ConstView x, View out) override {
    inner_.activate(activation, x, out);
  }
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override {
    inner_.add_scaled(x, scale, residual, out);
  }
  void copy(Repeated x, View out) override { inner_.copy(x, out); }
  void gather_rows(ConstView table, std::span<const int> rows, View out) override {
    inner_.gather_rows(table, rows, out);
  }
  void pixel_shuffle(ConstView x, int factor, View out) override {
    inner_.pixel_shuffle(x, factor, out);
  }
  void pixel_unshuffle(ConstView x, int factor, View out) override {
    inner_.pixel_unshuffle(x, factor, out);
  }
  void add_enlarged(ConstView x, int factor, View out) override {
    inner_.add_enlarged(x, factor, out);
  }

 protected:
  Backend& inner() const { return inner_; }

 private:
  Backend& inner_;
};

}  // namespace easel
