#pragma once

#include <atomic>

#include "core/error.h"

namespace easel {

/// A flag that one thread (or a signal handler) raises and long work looks at between steps.
class CancelToken {
 public:
  CancelToken() = default;
  /// Raised with `other` too, which outlives it.
  explicit CancelToken(const CancelToken& other) noexcept : other_(&other) {}
  CancelToken& operator=(const CancelToken&) = delete;

  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept {
    return cancelled_.load(std::memory_order_relaxed) || (other_ != nullptr && other_->cancelled());
  }
  /// Throws kCancelled once cancel() has been called.
  void check() const {
    if (cancelled()) throw Error(ErrorCode::kCancelled, "cancelled");
  }

 private:
  const CancelToken* other_ = nullptr;
  std::atomic<bool> cancelled_{false};
};

}  // namespace easel
