#include "backend/profile.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

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

// Its threads are the inner backend's: its own pool stays at the calling thread.
class ProfilingBackend final : public Backend {
 public:
  ProfilingBackend(Backend& inner, Profile& profile)
      : Backend(1), inner_(inner), profile_(profile) {}

  std::string name() const override { return inner_.name(); }
  std::string target() const override { return inner_.target(); }

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ProfiledLinear>(inner_.linear(spec, weight, bias), spec, profile_);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<ProfiledConv2d>(inner_.conv2d(spec, weight, bias), profile_);
  }

  void group_norm(const GroupNormSpec& spec, ConstView x, const std::vector<float>& gamma,
                  const std::vector<float>& beta, View out) override {
    pass("group norm", x, out, [&] { inner_.group_norm(spec, x, gamma, beta, out); });
  }
  void layer_norm(float eps, ConstView x, const std::vector<float>& gamma,
                  const std::vector<float>& beta, View out) override {
    pass("layer norm", x, out, [&] { inner_.layer_norm(eps, x, gamma, beta, out); });
  }
  std::unique_ptr<KeyValues> prepare_keys(ConstView k, ConstView v, int heads) override {
    std::unique_ptr<KeyValues> keys;
    measured(profile_, fmt::format("pack keys {} x{}", k.channels(), k.rows()), "",
             {.bytes = 2 * (floats(k.shape) + floats(v.shape))},
             [&] { keys = inner_.prepare_keys(k, v, heads); });
    return keys;
  }
  void attend(ConstView q, const KeyValues& keys, View out) override {
    const std::int64_t rows = q.rows() / q.shape[0];
    const double products =
        static_cast<double>(q.shape.elements()) * static_cast<double>(keys.length());
    measured(profile_,
             fmt::format("attend {} {}x{} x{}", q.channels(), rows, keys.length(), q.shape[0]),
             "by blocks of queries", {.flops = 4 * products, .bytes = floats(q.shape) * 2},
             [&] { inner_.attend(q, keys, out); });
  }
  void activate(Activation activation, ConstView x, View out) override {
    pass("activate", x, out, [&] { inner_.activate(activation, x, out); });
  }
  void prelu(ConstView x, const std::vector<float>& slope, View out) override {
    pass("prelu", x, out, [&] { inner_.prelu(x, slope, out); });
  }
  void add_scaled(ConstView x, float scale, ConstView residual, View out) override {
    pass("add", x, out, [&] { inner_.add_scaled(x, scale, residual, out); });
  }
  void copy(ConstView x, View out) override {
    pass("copy", x, out, [&] { inner_.copy(x, out); });
  }

 private:
  template <typename Work>
  void pass(const char* what, ConstView x, View out, const Work& work) {
    measured(profile_, fmt::format("{} {} x{}", what, x.channels(), x.rows()), "",
             {.bytes = floats(x.shape) + floats(out.shape)}, work);
  }

  Backend& inner_;
  Profile& profile_;
};

}  // namespace

std::unique_ptr<Backend> make_profiling_backend(Backend& inner, Profile& profile) {
  return std::make_unique<ProfilingBackend>(inner, profile);
}

}  // namespace easel
