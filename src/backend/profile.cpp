#include "backend/profile.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "backend/forwarding_backend.h"

namespace easel {
namespace {

using Clock = std::chrono::steady_clock;

double floats(const Shape& shape) { return 4.0 * static_cast<double>(shape.elements()); }

struct Cost {
  double flops = 0;
  double bytes = 0;
};

template <typename Work>
void measured(Profile& profile, const std::string& name, const std::string& algorithm, Cost cost,
              const Work& work) {
  const auto start = Clock::now();
  work();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  ProfileEntry& entry = profile[name];
  entry.algorithm = algorithm;
  ++entry.calls;
  entry.seconds += seconds;
  entry.flops += cost.flops;
  entry.bytes += cost.bytes;
}

// An operation that reads x and writes out, and nothing else worth counting.
template <typename Work>
void pass(Profile& profile, const char* what, ConstView x, ConstView out, const Work& work) {
  measured(profile, fmt::format("{} {} x{}", what, x.channels(), x.rows()), "",
           {.bytes = floats(x.shape) + floats(out.shape)}, work);
}

class ProfiledLinear final : public LinearOp {
 public:
  ProfiledLinear(std::unique_ptr<LinearOp> inner, const LinearSpec& spec, Profile& profile)
      : inner_(std::move(inner)), spec_(spec), profile_(profile) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    const double rows = static_cast<double>(x.rows());
    measured(profile_, fmt::format("linear {}>{} x{}", spec_.in, spec_.out, x.rows()),
             "packed gemm",
             {.flops = 2 * rows * static_cast<double>(spec_.in * spec_.out),
              .bytes = static_cast<double>(bytes()) + floats(x.shape) + floats(out.shape)},
             [&] { inner_->run(x, epilogue, out); });
  }
  std::int64_t out_channels() const override { return inner_->out_channels(); }
  std::int64_t bytes() const override { return inner_->bytes(); }

 private:
  const std::unique_ptr<LinearOp> inner_;
  const LinearSpec spec_;
  Profile& profile_;
};

class ProfiledConv2d final : public Conv2dOp {
 public:
  ProfiledConv2d(std::unique_ptr<Conv2dOp> inner, Profile& profile)
      : inner_(std::move(inner)), profile_(profile) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    const Conv2dSpec& s = spec();
    const double terms = static_cast<double>(s.in * s.kernel * s.kernel);
    const std::string name =
        fmt::format("conv {}>{} {}x{}{}{} @{}x{} x{}", s.in, s.out, s.kernel, s.kernel,
                    s.stride == 1 ? "" : "/2", s.upsample ? " up" : "", out.shape[1], out.shape[2],
                    out.shape[0]);
    measured(profile_, name, algorithm(x.shape[1], x.shape[2]),
             {.flops = 2 * terms * static_cast<double>(out.shape.elements()),
              .bytes = static_cast<double>(bytes()) + floats(x.shape) + floats(out.shape)},
             [&] { inner_->run(x, epilogue, out); });
    profile_[name].convolution = {
        .spec = s, .pictures = out.shape[0], .height = out.shape[1], .width = out.shape[2]};
  }
  const Conv2dSpec& spec() const override { return inner_->spec(); }
  std::int64_t bytes() const override { return inner_->bytes(); }
  std::string algorithm(std::int64_t height, std::int64_t width) const override {
    return inner_->algorithm(height, width);
  }

 private:
  const std::unique_ptr<Conv2dOp> inner_;
  Profile& profile_;
};

class ProfiledUnary final : public UnaryOp {
 public:
  ProfiledUnary(std::unique_ptr<UnaryOp> inner, const char* name, Profile& profile)
      : inner_(std::move(inner)), name_(name), profile_(profile) {}

  void run(ConstView x, View out) const override {
    pass(profile_, name_, x, out, [&] { inner_->run(x, out); });
  }

 private:
  const std::unique_ptr<UnaryOp> inner_;
  const char* const name_;
  Profile& profile_;
};

class ProfilingBackend final : public ForwardingBackend {
 public:
  ProfilingBackend(Backend& inner, Profile& profile)
      : ForwardingBackend(inner), profile_(profile) {}

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ProfiledLinear>(inner().linear(spec, weight, bias), spec, profile_);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ProfiledConv2d>(inner().conv2d(spec, weight, bias), profile_);
  }
  std::unique_ptr<UnaryOp> group_norm(const GroupNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override {
    return profiled("group norm", inner().group_norm(spec, gamma, beta));
  }
  std::unique_ptr<UnaryOp> layer_norm(const LayerNormSpec& spec, const TensorSource& gamma,
                                      const TensorSource& beta) override {
    return profiled("layer norm", inner().layer_norm(spec, gamma, beta));
  }
  std::unique_ptr<UnaryOp> prelu(const TensorSource& slope) override {
    return profiled("prelu", inner().prelu(slope));
  }

  void upload(std::span<const float> values, Layout layout, View out) override {
    pass(profile_, "upload", out, out, [&] { inner().upload(values, layout, out); });
  }
  void download(ConstView x, Layout layout, std::span<float> out) override {
    pass(profile_, "download", x, x, [&] { inner().download(x, layout, out); });
  }
  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override {
    std::unique_ptr<KeyValues> keys;
    measured(profile_, fmt::format("pack keys {} x{}", k.channels(), k.rows()), "",
             {.bytes = 2 * (floats(k.shape) + floats(v.shape))},
             [&] { keys = inner().prepare_keys(k, v, heads); });
    return keys;
  }
  void attend(Repeated q, std::span<const KeyValues* const> keys, View out) override {
    attended(out, keys.front()->length(), [&] { inner().attend(q, keys, out); });
  }
  void attend(ConstView q, ConstView k, ConstView v, const AttendSpec& spec, View out) override {
    attended(out, k.rows() / k.shape[0], [&] { inner().attend(q, k, v, spec, out); });
  }
  void activate(Activation activation, ConstView x, View out) override {
    pass(profile_, "activate", x, out, [&] { inner().activate(activation, x, out); });
  }
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override {
    pass(profile_, "add", x, out, [&] { inner().add_scaled(x, scale, residual, out); });
  }
  void copy(Repeated x, View out) override {
    pass(profile_, "copy", out, out, [&] { inner().copy(x, out); });
  }
  void gather_rows(ConstView table, std::span<const int> rows, View out) override {
    pass(profile_, "gather rows", out, out, [&] { inner().gather_rows(table, rows, out); });
  }
  void pixel_shuffle(ConstView x, int factor, View out) override {
    pass(profile_, "pixel shuffle", x, out, [&] { inner().pixel_shuffle(x, factor, out); });
  }
  void pixel_unshuffle(ConstView x, int factor, View out) override {
    pass(profile_, "pixel unshuffle", x, out, [&] { inner().pixel_unshuffle(x, factor, out); });
  }
  void add_enlarged(ConstView x, int factor, View out) override {
    pass(profile_, "add enlarged", x, out, [&] { inner().add_enlarged(x, factor, out); });
  }

 private:
  std::unique_ptr<UnaryOp> profiled(const char* name, std::unique_ptr<UnaryOp> op) const {
    return std::make_unique<ProfiledUnary>(std::move(op), name, profile_);
  }

  template <typename Work>
  void attended(View out, std::int64_t keys, const Work& work) {
    const std::int64_t pictures = out.shape[0];
    const double products = static_cast<double>(out.shape.elements()) * static_cast<double>(keys);
    measured(
        profile_,
        fmt::format("attend {} {}x{} x{}", out.channels(), out.rows() / pictures, keys, pictures),
        "by blocks of queries", {.flops = 4 * products, .bytes = floats(out.shape) * 2}, work);
  }

  Profile& profile_;
};

}  // namespace

std::unique_ptr<Backend> make_profiling_backend(Backend& inner, Profile& profile) {
  return std::make_unique<ProfilingBackend>(inner, profile);
}

}  // namespace easel
