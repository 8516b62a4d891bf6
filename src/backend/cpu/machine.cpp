#include "backend/cpu/machine.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "backend/cpu/kernels.h"
#include "core/buffer.h"

namespace easel {
namespace {

constexpr int kRounds = 4;
constexpr std::int64_t kChainSteps = 4'000'000;
// Three times the largest cache of today's servers.
constexpr std::size_t kReadBytes = std::size_t{3} << 29;

// The best of a few rounds in units a second: the machine's, not a neighbour's.
template <typename Work>
double best_rate(ThreadPool& threads, const Work& work) {
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<double> done{0};
    const auto start = std::chrono::steady_clock::now();
    threads.parallel_for(threads.threads(), [&](std::int64_t i) { done += work(i); });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, done.load() / seconds.count());
  }
  return best;
}

}  // namespace

std::int64_t second_level_cache_bytes() {
  constexpr std::int64_t kUsual = std::int64_t{1} << 20;
  const long said = sysconf(_SC_LEVEL2_CACHE_SIZE);
  // A virtual machine may say nothing, or the sum of all its cores'.
  return said >= kUsual / 8 && said <= 4 * kUsual ? said : kUsual;
}

MachinePeak measure_peak(ThreadPool& threads, const std::string& target) {
  const cpu::Kernels kernels = cpu::kernels_for(target);
  const Buffer memory(kReadBytes);
  std::memset(memory.data(), 1, kReadBytes);
  const auto floats = static_cast<std::int64_t>(kReadBytes / sizeof(float));
  const int count = threads.threads();
  return {
      .flops = best_rate(threads, [&](std::int64_t) { return kernels.gemm.chains(kChainSteps); }),
      .bytes_per_second = best_rate(threads, [&](std::int64_t i) {
        const std::int64_t begin = floats * i / count / 64 * 64;
        const std::int64_t end = floats * (i + 1) / count / 64 * 64;
        kernels.gemm.sum(static_cast<const float*>(memory.data()) + begin, end - begin);
        return static_cast<double>(end - begin) * sizeof(float);
      })};
}

}  // namespace easel
