#include "core/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"

namespace easel {
namespace {

// Returns an errno, 0 where it worked.
int keep_on_core(pthread_t thread, int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  return pthread_setaffinity_np(thread, sizeof(set), &set);
}

// cgroup v2: "max 100000" or "200000 100000" (quota and period in microseconds).
int cgroup_limit() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 1 << 20;
  try {
    return std::max(1, static_cast<int>(std::ceil(std::stod(quota) / period)));
  } catch (const std::exception&) {
    return 1 << 20;
  }
}

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// About 50 microseconds: longer than the gap between two operations of a network.
constexpr int kSpins = 2000;

}  // namespace

int ThreadPool::available_threads() {
  cpu_set_t set;
  int count = static_cast<int>(std::thread::hardware_concurrency());
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) count = CPU_COUNT(&set);
  return std::max(1, std::min(count, cgroup_limit()));
}

std::vector<int> ThreadPool::allowed_cores() {
  std::vector<int> cores;
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

// A region is open while it has tasks left. `gate` holds the region's number, whether it is open
// and how many workers are inside, in one word: a worker that wakes late finds the region closed
// and stays out, so the caller never waits for a thread that has done nothing.
struct ThreadPool::State {
  static constexpr std::uint64_t kWorkerMask = 0xffff;
  static constexpr std::uint64_t kOpen = 0x10000;
  static constexpr std::uint64_t kRegion = 0x20000;

  // The tasks that a thread begins with: the same piece of every region of as many tasks, so that
  // the rows it wrote in one operation are in its own cache for the next.
  struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };

  explicit State(int threads) : shares(static_cast<std::size_t>(threads)) {}

  std::vector<std::thread> workers;
  int callers_core = -1;  // -1: any
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<std::uint64_t> gate{0};
  std::atomic<bool> stop{false};
  std::vector<Share> shares;  // one a thread
  const std::function<void(std::int64_t, int)>* body = nullptr;
  std::mutex error_mutex;
  std::exception_ptr error;

  // Returns an errno. A thread of its own tries the caller's core: who calls is not known yet.
  int keep_workers(std::span<const int> cores) {
    callers_core = cores.front();
    int failed = 0;
    std::thread([&] { failed = keep_on_core(pthread_self(), cores.front()); }).join();
    for (std::size_t i = 0; i < workers.size() && failed == 0; ++i) {
      failed = keep_on_core(workers[i].native_handle(), cores[i + 1]);
    }
    return failed;
  }

  // The caller may be another thread than last time, and a new thread may have an old one's number:
  // each remembers for itself.
  void keep_caller() const {
    thread_local int kept_on = -1;
    if (callers_core < 0 || kept_on == callers_core) return;
    kept_on = callers_core;
    keep_on_core(pthread_self(), callers_core);
  }

  void share_out(std::int64_t count) {
    const auto threads = static_cast<std::int64_t>(shares.size());
    for (std::int64_t t = 0; t < threads; ++t) {
      Share& share = shares[static_cast<std::size_t>(t)];
      share.next.store(count * t / threads, std::memory_order_relaxed);
      share.end = count * (t + 1) / threads;
    }
  }

  // Its own share first, then what others have not begun.
  void run_tasks(int worker) {
    const auto own = static_cast<std::size_t>(worker);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      run_share(shares[(own + i) % shares.size()], worker);
    }
  }

  void run_share(Share& share, int worker) {
    while (share.next.load(std::memory_order_relaxed) < share.end) {
      const std::int64_t i = share.next.fetch_add(1, std::memory_order_relaxed);
      if (i >= share.end) return;
      try {
        (*body)(i, worker);
      } catch (...) {
        const std::scoped_lock lock(error_mutex);
        if (!error) error = std::current_exception();
        for (Share& skipped : shares) skipped.next.store(skipped.end, std::memory_order_relaxed);
      }
    }
  }

  bool open() const { return (gate.load(std::memory_order_acquire) & kOpen) != 0; }

  bool try_enter() {
    std::uint64_t seen = gate.load(std::memory_order_acquire);
    while ((seen & kOpen) != 0) {
      if (gate.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  void wait_until_open() {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (open() || stop.load(std::memory_order_relaxed)) return;
      relax();
    }
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return open() || stop.load(); });
  }

  void finish() {
    {
      const std::scoped_lock lock(mutex);
      stop = true;
    }
    wake.notify_all();
    for (auto& worker : workers) worker.join();
  }

  void work(int worker) {
    while (!stop.load()) {
      wait_until_open();
      if (!try_enter()) continue;
      run_tasks(worker);
      gate.fetch_and(~kOpen, std::memory_order_acq_rel);  // no tasks are left: nobody else enters
      gate.fetch_sub(1, std::memory_order_acq_rel);
    }
  }
};

ThreadPool::ThreadPool(int threads, std::span<const int> cores)
    : state_(std::make_unique<State>(!cores.empty() ? static_cast<int>(cores.size())
                                     : threads > 0  ? threads
                                                    : available_threads())) {
  const auto wanted = static_cast<int>(state_->shares.size());
  for (int i = 1; i < wanted; ++i) state_->workers.emplace_back([this, i] { state_->work(i); });
  if (cores.empty()) return;
  if (const int error = state_->keep_workers(cores); error != 0) {
    state_->finish();
    fail(ErrorCode::kUnsupported, "threads cannot be kept on cores: {}", std::strerror(error));
  }
}

ThreadPool::~ThreadPool() { state_->finish(); }

int ThreadPool::threads() const { return static_cast<int>(state_->workers.size()) + 1; }

void ThreadPool::parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& body) {
  parallel_for(count, [&body](std::int64_t i, int) { body(i); });
}

void ThreadPool::parallel_for(std::int64_t count,
                              const std::function<void(std::int64_t, int)>& body) {
  State& s = *state_;
  s.keep_caller();
  if (count <= 1 || s.workers.empty()) {
    for (std::int64_t i = 0; i < count; ++i) body(i, 0);
    return;
  }
  s.body = &body;
  s.share_out(count);
  {
    const std::scoped_lock lock(s.mutex);
    s.gate.fetch_add(State::kRegion | State::kOpen, std::memory_order_release);
  }
  s.wake.notify_all();
  s.run_tasks(0);
  s.gate.fetch_and(~State::kOpen, std::memory_order_acq_rel);
  for (int spin = 0; (s.gate.load(std::memory_order_acquire) & State::kWorkerMask) != 0; ++spin) {
    if (spin < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
  if (s.error) std::rethrow_exception(std::exchange(s.error, nullptr));
}

}  // namespace easel
