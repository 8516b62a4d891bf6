#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace easel {

/// A fixed set of threads that run the tasks of one parallel region at a time. The calling thread
/// works too. Between regions the workers spin for a moment, then sleep.
///
/// A thread begins with its own piece of the tasks, the same in every region, and then takes over
/// others': which runs which is not fixed, so a task's result must depend on its index alone.
/// Thread rule: parallel_for may be called from any one thread at a time, not from inside a task.
class ThreadPool {
 public:
  /// `threads` counts the caller; 0 means as many as this process may use (affinity and cgroup
  /// limits respected).
  ///
  /// With `cores` there are as many threads as these, each kept on its own; the first is for
  /// whoever calls parallel_for, which stays there. Throws kUnsupported where the system forbids
  /// it.
  explicit ThreadPool(int threads = 0, std::span<const int> cores = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// Runs body(0) … body(count - 1) and returns when all are done. If one throws, the rest are
  /// skipped and the first exception is thrown again here.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& body);
  /// The same; the body is also told which thread runs it, 0 to threads() - 1, for its scratch
  /// memory.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& body);

  /// How many threads this process may use.
  static int available_threads();
  /// The cores that the calling thread may run on, by number. A thread that a pool keeps on a core
  /// has only that one: ask before.
  static std::vector<int> allowed_cores();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace easel
