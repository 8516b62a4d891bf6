#include "core/thread_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/cancel.h"
#include "core/error.h"

namespace easel {
namespace {

// The cores of the calling thread, given back at the end: pools keep their callers where they were.
class CallersCores {
 public:
  CallersCores() { sched_getaffinity(0, sizeof(set_), &set_); }
  ~CallersCores() { sched_setaffinity(0, sizeof(set_), &set_); }
  CallersCores(const CallersCores&) = delete;
  CallersCores& operator=(const CallersCores&) = delete;

 private:
  cpu_set_t set_;
};

TEST(ThreadPool, KeepsEachThreadOnItsCore) {
  const CallersCores before;
  std::vector<int> cores = ThreadPool::allowed_cores();
  ASSERT_FALSE(cores.empty());
  cores.resize(std::min<std::size_t>(cores.size(), 3));
  std::ranges::reverse(cores);
  ThreadPool pool(0, cores);
  ASSERT_EQ(pool.threads(), static_cast<int>(cores.size()));
  std::atomic<int> elsewhere{0};
  std::vector<std::atomic<int>> tasks(cores.size());
  // Until every thread has done some: which runs what is not fixed.
  const auto some_idle = [&] { return std::ranges::any_of(tasks, [](auto& n) { return n == 0; }); };
  while (some_idle()) {
    pool.parallel_for(100, [&](std::int64_t, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      if (ThreadPool::allowed_cores() != std::vector<int>{cores[w]}) ++elsewhere;
      ++tasks[w];
    });
  }
  EXPECT_EQ(elsewhere, 0);
}

TEST(ThreadPool, TakesOverTheShareOfAThreadThatIsBusy) {
  constexpr std::int64_t kTasks = 64;  // 32 are the busy thread's own
  ThreadPool pool(2);
  std::atomic<std::int64_t> others{0};
  pool.parallel_for(kTasks, [&](std::int64_t task) {
    if (task != 0) {
      ++others;
      return;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (others < kTasks - 1 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(others, kTasks - 1);
  });
}

TEST(ThreadPool, KeepsWhoeverCallsOnTheFirstCore) {
  const std::vector<int> cores = {ThreadPool::allowed_cores().back()};
  ThreadPool pool(0, cores);
  for (int caller = 0; caller < 2; ++caller) {
    std::thread([&] {
      pool.parallel_for(1, [&](std::int64_t) { EXPECT_EQ(ThreadPool::allowed_cores(), cores); });
    }).join();
  }
}

TEST(ThreadPool, RefusesACoreThatThereIsNot) {
  const std::vector<int> cores = {CPU_SETSIZE - 1, CPU_SETSIZE - 1};
  try {
    const ThreadPool pool(0, cores);
    FAIL() << "this machine has very many cores";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  }
}

TEST(ThreadPool, RunsEveryTaskOnceWithAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
      pool.parallel_for(count, [&](std::int64_t i) { ++runs[static_cast<std::size_t>(i)]; });
      for (const auto& run : runs) ASSERT_EQ(run, 1);
    }
  }
}

TEST(ThreadPool, GivesTheSameResultWithAnyNumberOfThreads) {
  const auto work = [](int threads) {
    ThreadPool pool(threads);
    std::vector<double> values(500);
    for (int round = 0; round < 20; ++round) {
      pool.parallel_for(500, [&](std::int64_t i) {
        auto& value = values[static_cast<std::size_t>(i)];
        value = value * 0.5 + 1.0 / static_cast<double>(i + round + 1);
      });
    }
    return values;
  };
  const auto alone = work(1);
  EXPECT_EQ(work(2), alone);
  EXPECT_EQ(work(5), alone);
}

TEST(ThreadPool, ManyShortRegionsInARowLoseNothing) {
  ThreadPool pool(4);
  std::atomic<std::int64_t> sum = 0;
  for (int round = 0; round < 20000; ++round) {
    pool.parallel_for(3, [&](std::int64_t i) { sum += i; });
  }
  EXPECT_EQ(sum, 20000 * 3);
}

TEST(ThreadPool, ThrowsATasksExceptionAndWorksOn) {
  for (const int threads : {1, 4}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 50; ++round) {
      EXPECT_THROW(pool.parallel_for(100,
                                     [](std::int64_t i) {
                                       if (i == 7) throw std::runtime_error("seven");
                                     }),
                   std::runtime_error);
      std::atomic<int> runs = 0;
      pool.parallel_for(100, [&](std::int64_t) { ++runs; });
      ASSERT_EQ(runs, 100);
    }
  }
}

TEST(ThreadPool, ThrowsOneExceptionWhenAllTasksThrow) {
  ThreadPool pool(4);
  EXPECT_THROW(pool.parallel_for(100, [](std::int64_t) { throw std::runtime_error("all"); }),
               std::runtime_error);
  std::atomic<int> runs = 0;
  pool.parallel_for(10, [&](std::int64_t) { ++runs; });
  EXPECT_EQ(runs, 10);
}

TEST(ThreadPool, UsesAtLeastOneThread) {
  EXPECT_GE(ThreadPool::available_threads(), 1);
  EXPECT_EQ(ThreadPool(0).threads(), ThreadPool::available_threads());
}

TEST(CancelToken, ThrowsOnceCancelled) {
  CancelToken token;
  EXPECT_NO_THROW(token.check());
  token.cancel();
  try {
    token.check();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
}

}  // namespace
}  // namespace easel
