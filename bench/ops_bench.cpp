// Single operations of the cpu backend at the shapes that matter, for work on a kernel. Whole
// networks are measured by `easel bench`.
//
//   ops_bench --benchmark_filter=conv.*AVX2

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>

#include "backend/registry/registry.h"
#include "weights/random_weights.h"

namespace easel {
namespace {

constexpr std::int64_t kPictures = 2;  // both halves of guidance

Tensor filled(Backend& backend, Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  make_random_source({.name = "x", .shape = shape}, 1).read(0, values);
  Tensor tensor(backend.arena(), shape);
  backend.upload(values, Layout::kPixels, tensor);
  return tensor;
}

void report(benchmark::State& state, double flops) {
  state.counters["FLOP/s"] = benchmark::Counter(flops * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate);
}

void convolution(benchmark::State& state, const std::string& target, bool winograd, std::int64_t in,
                 std::int64_t out, std::int64_t side) {
  const auto backend = make_backend(
      {.name = "cpu",
       .target = target,
       .cpu = {.convolution = winograd ? std::nullopt : std::optional(ConvAlgorithm::kDirect)}});
  const auto op =
      backend->conv2d({.in = in, .out = out},
                      make_random_source({.name = "w", .shape = {out, in, 3, 3}}, 1), nullptr);
  const Tensor x = filled(*backend, {kPictures, side, side, in});
  Tensor y(backend->arena(), {kPictures, side, side, out});
  for (auto _ : state) op->run(x, {}, y);
  state.SetLabel(op->algorithm(side, side));
  report(state, 2.0 * 9 * static_cast<double>(in) * static_cast<double>(y.elements()));
}

void product(benchmark::State& state, const std::string& target, std::int64_t rows, std::int64_t in,
             std::int64_t out) {
  const auto backend = make_backend({.name = "cpu", .target = target});
  const auto op = backend->linear(
      {.in = in, .out = out}, make_random_source({.name = "w", .shape = {out, in}}, 1), nullptr);
  const Tensor x = filled(*backend, {1, rows, in});
  Tensor y(backend->arena(), {1, rows, out});
  for (auto _ : state) op->run(x, {}, y);
  report(state, 2.0 * static_cast<double>(rows * in * out));
}

void attention(benchmark::State& state, const std::string& target, std::int64_t queries,
               std::int64_t length, std::int64_t channels) {
  constexpr int kHeads = 8;
  const auto backend = make_backend({.name = "cpu", .target = target});
  const Tensor q = filled(*backend, {kPictures, queries, channels});
  const Tensor k = filled(*backend, {kPictures, length, channels});
  Tensor y(backend->arena(), q.shape());
  for (auto _ : state) backend->attend(q, k, k, {.heads = kHeads}, y);
  report(state, 4.0 * static_cast<double>(q.elements() * length));
}

void enroll(const std::string& target) {
  struct Conv {
    std::int64_t in, out, side;
  };
  for (const Conv c : {Conv{320, 320, 32}, Conv{640, 640, 16}, Conv{1280, 1280, 8},
                       Conv{1280, 1280, 4}, Conv{128, 128, 256}, Conv{64, 32, 256},
                       Conv{320, 320, 64}, Conv{640, 640, 32}, Conv{512, 512, 64}}) {
    for (const bool winograd : {true, false}) {
      benchmark::RegisterBenchmark(
          fmt::format("conv {}>{} @{} {}{}", c.in, c.out, c.side, target, winograd ? "" : " direct")
              .c_str(),
          [=](benchmark::State& s) { convolution(s, target, winograd, c.in, c.out, c.side); });
    }
  }
  struct Linear {
    std::int64_t rows, in, out;
  };
  for (const Linear l :
       {Linear{2048, 320, 320}, Linear{2048, 320, 2560}, Linear{512, 2560, 640},
        Linear{128, 1280, 1280}, Linear{128, 1280, 10240}, Linear{77, 5120, 1280},
        Linear{8192, 320, 320}, Linear{8192, 320, 2560}, Linear{8192, 1280, 320},
        Linear{2048, 640, 640}, Linear{2048, 640, 5120}, Linear{512, 1280, 1280}}) {
    benchmark::RegisterBenchmark(
        fmt::format("linear {}x{}>{} {}", l.rows, l.in, l.out, target).c_str(),
        [=](benchmark::State& s) { product(s, target, l.rows, l.in, l.out); });
  }
  for (const Linear a : {Linear{1024, 1024, 320}, Linear{1024, 77, 320}, Linear{256, 256, 640},
                         Linear{4096, 4096, 320}, Linear{4096, 77, 320}, Linear{9216, 9216, 320}}) {
    benchmark::RegisterBenchmark(
        fmt::format("attend {}x{} of {} {}", a.rows, a.in, a.out, target).c_str(),
        [=](benchmark::State& s) { attention(s, target, a.rows, a.in, a.out); });
  }
}

}  // namespace
}  // namespace easel

int main(int argc, char** argv) {
  for (const std::string& target : easel::cpu_targets()) easel::enroll(target);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
