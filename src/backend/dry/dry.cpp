#include "backend/dry/dry.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>

namespace easel {
namespace {

// Addresses that no process has: following one ends the program.
class NoMemory final : public SlabSource {
 public:
  std::byte* take(std::size_t bytes) override {
    const std::uintptr_t slab = next_;
    next_ += (bytes + 63) / 64 * 64;
    return reinterpret_cast<std::byte*>(slab);
  }
  void give_back(std::byte*, std::size_t) override {}

 private:
  std::uintptr_t next_ = std::uintptr_t{1} << 55;
};

class DryLinear final : public LinearOp {
 public:
  explicit DryLinear(const LinearSpec& spec) : spec_(spec) {}
  void run([[maybe_unused]] ConstView x, const Epilogue&,
           [[maybe_unused]] View out) const override {
    assert(x.channels() == spec_.in && out.channels() == out_channels() && x.rows() == out.rows());
  }
  std::int64_t out_channels() const override {
    return spec_.activation == Activation::kGeglu ? spec_.out / 2 : spec_.out;
  }
  std::int64_t bytes() const override { return 0; }

 private:
  const LinearSpec spec_;
};

class DryConv2d final : public Conv2dOp {
 public:
  explicit DryConv2d(const Conv2dSpec& spec) : spec_(spec) {}
  void run([[maybe_unused]] ConstView x, const Epilogue&,
           [[maybe_unused]] View out) const override {
    assert(x.channels() == spec_.in && out.channels() == spec_.out && x.shape[0] == out.shape[0]);
  }
  const Conv2dSpec& spec() const override { return spec_; }
  std::int64_t bytes() const override { return 0; }
  std::string algorithm(std::int64_t, std::int64_t) const override { return "none"; }

 private:
  const Conv2dSpec spec_;
};

class DryUnary final : public UnaryOp {
 public:
  void run([[maybe_unused]] ConstView x, [[maybe_unused]] View out) const override {
    assert(x.shape == out.shape);
  }
};

class DryKeyValues final : public KeyValues {
 public:
  explicit DryKeyValues(std::int64_t length) : length_(length) {}
  std::int64_t length() const override { return length_; }

 private:
  const std::int64_t length_;
};

class DryBackend final : public Backend {
 public:
  BackendFacts facts() const override { return {.name = "dry", .target = "none", .label = "dry"}; }
  Arena& arena() override { return arena_; }
  std::int64_t available_memory() const override {
    return std::numeric_limits<std::int64_t>::max() / 2;
  }
  ThreadPool& threads() override { return threads_; }
  void upload(std::span<const float>, Layout, View) override {}
  void download(ConstView, Layout, std::span<float> out) override { std::ranges::fill(out, 0.0f); }

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource&,
                                   const TensorSource*) override {
    return std::make_unique<DryLinear>(spec);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource&,
                                   const TensorSource*) override {
    return std::make_unique<DryConv2d>(spec);
  }
  std::unique_ptr<UnaryOp> group_norm(const GroupNormSpec&, const TensorSource&,
                                      const TensorSource&) override {
    return std::make_unique<DryUnary>();
  }
  std::unique_ptr<UnaryOp> layer_norm(const LayerNormSpec&, const TensorSource&,
                                      const TensorSource&) override {
    return std::make_unique<DryUnary>();
  }
  std::unique_ptr<UnaryOp> prelu(const TensorSource&) override {
    return std::make_unique<DryUnary>();
  }
  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView, int) override {
    return std::make_unique<DryKeyValues>(k.rows());
  }
  void attend(Repeated, std::span<const KeyValues* const>, View) override {}
  void attend(ConstView, ConstView, ConstView, const AttendSpec&, View) override {}
  void activate(Activation, ConstView, View) override {}
  void add_scaled(ConstView, float, ConstView, View) override {}
  void copy(Repeated, View) override {}
  void gather_rows(ConstView, std::span<const int>, View) override {}
  void pixel_shuffle(ConstView, int, View) override {}
  void pixel_unshuffle(ConstView, int, View) override {}
  void add_enlarged(ConstView, int, View) override {}

 private:
  NoMemory memory_;
  Arena arena_{memory_};
  ThreadPool threads_{1};
};

}  // namespace

std::unique_ptr<Backend> make_dry_backend() { return std::make_unique<DryBackend>(); }

}  // namespace easel
