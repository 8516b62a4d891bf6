#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace easel {

/// One thread that does tasks in the order in which they come. A task that throws ends the program:
/// tasks catch. From any thread.
class TaskThread {
 public:
  TaskThread();
  /// Finishes the tasks that wait.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  void post(std::function<void()> task);
  /// Returns when everything posted so far is done.
  void drain();
  /// Tasks waiting or under way.
  std::size_t waiting() const;

 private:
  void loop();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace easel
