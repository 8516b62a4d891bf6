#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace easel {

/// Where an arena's slabs come from: this process's memory, or a device's. One of the few virtual
/// classes, so that networks allocate in the same way wherever they run.
class SlabSource {
 public:
  virtual ~SlabSource() = default;
  /// A slab aligned to Buffer::kAlignment, which nobody here follows. Throws kNoMemory.
  virtual std::byte* take(std::size_t bytes) = 0;
  virtual void give_back(std::byte* slab, std::size_t bytes) = 0;
};

/// The memory of this process, as Buffer gets it. Lives as long as the program.
SlabSource& host_memory();

/// Hands out blocks for activations and takes them back, so that a network's forward pass touches
/// the source of memory only the first time: the next pass asks for the same sizes in the same
/// order and gets the same blocks.
///
/// Blocks are carved best-fit out of a few large slabs and merged with their free neighbours on
/// return. Thread-safe, though a forward pass allocates from one thread only.
class Arena {
 public:
  /// `source` outlives the arena.
  explicit Arena(SlabSource& source = host_memory()) : source_(source) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Returns 64-byte aligned, uninitialised memory. Throws kNoMemory.
  void* allocate(std::size_t bytes);
  void release(void* block);

  /// Gives free slabs back to the source.
  void trim();

  std::size_t bytes_reserved() const;

 private:
  struct Block {
    std::size_t bytes;
    std::size_t slab;
    bool free;
  };
  using Blocks = std::map<std::byte*, Block>;
  struct Slab {
    std::byte* data;
    std::size_t bytes;
  };

  void add_slab(std::size_t bytes);
  void set_free(Blocks::iterator block);
  void unlist(Blocks::iterator block);

  SlabSource& source_;
  mutable std::mutex mutex_;
  std::map<std::size_t, Slab> slabs_;
  Blocks blocks_;                                   // every block, by address
  std::multimap<std::size_t, std::byte*> by_size_;  // the free ones
  std::size_t next_slab_ = 0;
};

}  // namespace easel
