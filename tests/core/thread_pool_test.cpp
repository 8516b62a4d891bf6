#include "core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "core/cancel.h"

namespace easel {
namespace {

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
