#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace easel {

/// The one thread on which requests are answered. Everything of the server that is not said to be
/// otherwise is used on it alone.
class Loop {
 public:
  struct Impl;  ///< what the HTTP layer gets at

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop().
  void run();
  /// From any thread.
  void stop();
  /// Runs `work` on the loop soon. From any thread.
  void post(std::function<void()> work);
  /// Runs `work` again and again, `period` apart, until the loop ends.
  void every(std::chrono::milliseconds period, std::function<void()> work);
  /// Runs `work` once.
  void after(std::chrono::milliseconds delay, std::function<void()> work);
  /// Calls `work` at each SIGINT, SIGTERM or SIGHUP.
  void on_signals(std::function<void(int signal)> work);

  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace easel
