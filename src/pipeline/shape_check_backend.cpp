#include "pipeline/shape_check_backend.h"

#include <cassert>

namespace easel {
namespace {

void never() { assert(!"the shape-checking backend was run"); }

class CheckedLinear final : public LinearOp {
 public:
  explicit CheckedLinear(const LinearSpec& spec) : spec_(spec) {}
  void run(ConstView, const Epilogue&, View) const override { never(); }
  std::int64_t out_channels() const override {
    return spec_.activation == Activation::kGeglu ? spec_.out / 2 : spec_.out;
  }
  std::int64_t bytes() const override { return 0; }

 private:
  LinearSpec spec_;
};

class CheckedConv2d final : public Conv2dOp {
 public:
  explicit CheckedConv2d(const Conv2dSpec& spec) : spec_(spec) {}
  void run(ConstView, const Epilogue&, View) const override { never(); }
  const Conv2dSpec& spec() const override { return spec_; }
  std::int64_t bytes() const override { return 0; }
  std::string algorithm(std::int64_t, std::int64_t) const override { return "none"; }

 private:
  Conv2dSpec spec_;
};

class ShapeCheckBackend final : public Backend {
 public:
  ShapeCheckBackend() : Backend(1) {}
  std::string name() const override { return "shape check"; }
  std::string target() const override { return "none"; }
  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource&,
                                   const TensorSource*) override {
    return std::make_unique<CheckedLinear>(spec);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource&,
                                   const TensorSource*) override {
    return std::make_unique<CheckedConv2d>(spec);
  }
  void group_norm(const GroupNormSpec&, ConstView, const std::vector<float>&,
                  const std::vector<float>&, View) override {
    never();
  }
  void layer_norm(float, ConstView, const std::vector<float>&, const std::vector<float>&,
                  View) override {
    never();
  }
  std::unique_ptr<KeyValues> prepare_keys(ConstView, ConstView, int) override {
    never();
    return nullptr;
  }
  void attend(ConstView, const KeyValues&, View) override { never(); }
  void activate(Activation, ConstView, View) override { never(); }
  void prelu(ConstView, const std::vector<float>&, View) override { never(); }
  void add_scaled(ConstView, float, ConstView, View) override { never(); }
  void copy(ConstView, View) override { never(); }
};

}  // namespace

std::unique_ptr<Backend> make_shape_check_backend() {
  return std::make_unique<ShapeCheckBackend>();
}

}  // namespace easel
