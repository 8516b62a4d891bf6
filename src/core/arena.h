#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include "core/buffer.h"

namespace easel {

/// Hands out blocks for activations and takes them back, so that a network's forward pass touches
/// the system's allocator only the first time: the next pass asks for the same sizes in the same
/// order and gets the same blocks.
///
/// Blocks are carved best-fit out of a few large slabs and merged with their free neighbours on
/// return. Thread-safe, though a forward pass allocates from one thread only.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Returns 64-byte aligned, uninitialised memory. Throws kNoMemory.
  void* allocate(std::size_t bytes);
  void release(void* block);

  /// Gives free slabs back to the system.
  void trim();

  std::size_t bytes_reserved() const;

 private:
  struct Block {
    std::size_t bytes;
    std::size_t slab;
    bool free;
  };
  using Blocks = std::map<std::byte*, Block>;

  void add_slab(std::size_t bytes);
  void set_free(Blocks::iterator block);
  void unlist(Blocks::iterator block);

  mutable std::mutex mutex_;
  std::map<std::size_t, Buffer> slabs_;
  Blocks blocks_;                                   // every block, by address
  std::multimap<std::size_t, std::byte*> by_size_;  // the free ones
  std::size_t next_slab_ = 0;
};

}  // namespace easel
