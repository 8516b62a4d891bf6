#pragma once

#include "core/cancel.h"

namespace easel::cli {

/// While it lives, Ctrl-C (and SIGTERM, SIGHUP) raises a token, and a broken pipe is an error of
/// the write that met it. A second Ctrl-C ends the process at once. At most one at a time: signal
/// handlers belong to the process.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  const CancelToken& token() const;
  /// 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP: 128 + the signal, as shells have it.
  int exit_code() const;
};

/// While it lives, within an InterruptGuard's life, the first Ctrl-C raises enough() alone: work
/// that can keep what is there ends early, and what it began to write it writes. At most one at a
/// time.
class KeepOnInterrupt {
 public:
  KeepOnInterrupt();
  ~KeepOnInterrupt();
  KeepOnInterrupt(const KeepOnInterrupt&) = delete;
  KeepOnInterrupt& operator=(const KeepOnInterrupt&) = delete;

  const CancelToken& enough() const;
};

}  // namespace easel::cli
