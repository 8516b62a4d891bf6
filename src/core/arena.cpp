#include "core/arena.h"

#include <algorithm>
#include <cassert>

#include "core/buffer.h"

namespace easel {
namespace {

constexpr std::size_t kSlab = std::size_t{32} << 20;

std::size_t rounded(std::size_t bytes) {
  return std::max<std::size_t>((bytes + Buffer::kAlignment - 1) / Buffer::kAlignment, 1) *
         Buffer::kAlignment;
}

class HostMemory final : public SlabSource {
 public:
  std::byte* take(std::size_t bytes) override {
    return static_cast<std::byte*>(Buffer(bytes).release());
  }
  void give_back(std::byte* slab, std::size_t bytes) override { Buffer::adopt(slab, bytes); }
};

}  // namespace

SlabSource& host_memory() {
  static HostMemory memory;
  return memory;
}

Arena::~Arena() {
  for (const auto& [id, slab] : slabs_) source_.give_back(slab.data, slab.bytes);
}

void* Arena::allocate(std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  const std::size_t size = rounded(bytes);
  auto fit = by_size_.lower_bound(size);
  if (fit == by_size_.end()) {
    add_slab(std::max(size, kSlab));
    fit = by_size_.lower_bound(size);
  }
  const auto block = blocks_.find(fit->second);
  by_size_.erase(fit);
  block->second.free = false;
  if (block->second.bytes > size) {
    const auto rest = blocks_.emplace(
        block->first + size,
        Block{.bytes = block->second.bytes - size, .slab = block->second.slab, .free = true});
    block->second.bytes = size;
    by_size_.emplace(rest.first->second.bytes, rest.first->first);
  }
  return block->first;
}

void Arena::release(void* data) {
  const std::scoped_lock lock(mutex_);
  const auto block = blocks_.find(static_cast<std::byte*>(data));
  assert(block != blocks_.end() && !block->second.free);
  set_free(block);
}

void Arena::trim() {
  const std::scoped_lock lock(mutex_);
  for (auto slab = slabs_.begin(); slab != slabs_.end();) {
    const auto block = blocks_.find(slab->second.data);
    if (block->second.free && block->second.bytes == slab->second.bytes) {
      unlist(block);
      blocks_.erase(block);
      source_.give_back(slab->second.data, slab->second.bytes);
      slab = slabs_.erase(slab);
    } else {
      ++slab;
    }
  }
}

std::size_t Arena::bytes_reserved() const {
  const std::scoped_lock lock(mutex_);
  std::size_t total = 0;
  for (const auto& [id, slab] : slabs_) total += slab.bytes;
  return total;
}

void Arena::add_slab(std::size_t bytes) {
  std::byte* data = source_.take(bytes);
  slabs_.emplace(next_slab_, Slab{.data = data, .bytes = bytes});
  blocks_.emplace(data, Block{.bytes = bytes, .slab = next_slab_, .free = true});
  by_size_.emplace(bytes, data);
  ++next_slab_;
}

// Merges with the free neighbours of the same slab: two slabs can be adjacent in address space.
void Arena::set_free(Blocks::iterator block) {
  block->second.free = true;
  if (const auto next = std::next(block);
      next != blocks_.end() && next->second.free && next->second.slab == block->second.slab) {
    unlist(next);
    block->second.bytes += next->second.bytes;
    blocks_.erase(next);
  }
  if (block != blocks_.begin()) {
    const auto previous = std::prev(block);
    if (previous->second.free && previous->second.slab == block->second.slab) {
      unlist(previous);
      previous->second.bytes += block->second.bytes;
      blocks_.erase(block);
      block = previous;
    }
  }
  by_size_.emplace(block->second.bytes, block->first);
}

void Arena::unlist(Blocks::iterator block) {
  auto [begin, end] = by_size_.equal_range(block->second.bytes);
  by_size_.erase(std::find_if(begin, end, [&](const auto& e) { return e.second == block->first; }));
}

}  // namespace easel
