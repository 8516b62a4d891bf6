#pragma once

#include "backend/backend.h"

namespace easel {

/// What backends share that compute in this process's memory.
class HostBackend : public Backend {
 public:
  Arena& arena() final { return arena_; }
  ThreadPool& threads() final { return threads_; }
  std::int64_t available_memory() const final;
  void upload(std::span<const float> values, Layout layout, View out) final;
  void download(ConstView x, Layout layout, std::span<float> out) final;

 protected:
  /// As ThreadPool's.
  explicit HostBackend(int threads, std::span<const int> cores = {}) : threads_(threads, cores) {}

 private:
  Arena arena_;
  ThreadPool threads_;
};

}  // namespace easel
