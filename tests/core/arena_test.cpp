#include "core/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "core/buffer.h"
#include "core/error.h"
#include "core/tensor.h"

namespace easel {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(Arena, GivesAlignedBlocksThatDoNotOverlap) {
  Arena arena;
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t bytes = 0; bytes < 3000; bytes += 37) {
    auto* block = static_cast<unsigned char*>(arena.allocate(bytes));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % Buffer::kAlignment, 0u);
    std::memset(block, static_cast<int>(blocks.size()), bytes);
    blocks.emplace_back(block, bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t k = 0; k < blocks[i].second; ++k) ASSERT_EQ(blocks[i].first[k], i);
  }
  for (auto& [block, bytes] : blocks) arena.release(block);
}

TEST(Arena, GivesTheSameBlocksToTheSameSequence) {
  Arena arena;
  const auto pass = [&] {
    std::vector<void*> blocks;
    void* a = arena.allocate(3 * kMiB);
    void* b = arena.allocate(5 * kMiB);
    arena.release(a);
    void* c = arena.allocate(kMiB);
    arena.release(b);
    arena.release(c);
    return std::vector<void*>{a, b, c};
  };
  const auto first = pass();
  const std::size_t reserved = arena.bytes_reserved();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pass(), first);
  EXPECT_EQ(arena.bytes_reserved(), reserved);
}

TEST(Arena, MergesFreeNeighboursInWhicheverOrderTheyCome) {
  for (const std::vector<int>& order :
       {std::vector{0, 1, 2}, {2, 1, 0}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}}) {
    Arena arena;
    void* blocks[3];
    for (void*& block : blocks) block = arena.allocate(10 * kMiB);
    const std::size_t reserved = arena.bytes_reserved();
    for (const int i : order) arena.release(blocks[i]);
    void* whole = arena.allocate(30 * kMiB);
    EXPECT_EQ(arena.bytes_reserved(), reserved) << "the three blocks were not one again";
    arena.release(whole);
  }
}

TEST(Arena, TakesTheSmallestBlockThatFits) {
  Arena arena;
  void* small = arena.allocate(kMiB);
  void* guard = arena.allocate(64);
  void* large = arena.allocate(4 * kMiB);
  void* end = arena.allocate(64);
  arena.release(large);
  arena.release(small);
  EXPECT_EQ(arena.allocate(kMiB / 2), small);
  EXPECT_EQ(arena.allocate(3 * kMiB), large);
  (void)guard;
  (void)end;
}

TEST(Arena, TrimGivesBackOnlyWhatIsFree) {
  Arena arena;
  void* a = arena.allocate(40 * kMiB);
  void* b = arena.allocate(50 * kMiB);
  arena.release(a);
  arena.trim();
  EXPECT_EQ(arena.bytes_reserved(), 50 * kMiB);
  std::memset(b, 1, 50 * kMiB);
  arena.release(b);
  arena.trim();
  EXPECT_EQ(arena.bytes_reserved(), 0u);
}

TEST(Arena, RefusesWhatTheMachineDoesNotHave) {
  Arena arena;
  try {
    arena.allocate(std::size_t{1} << 60);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNoMemory);
  }
}

// Hands out numbers with no memory behind them, as a device's addresses are.
class CountingSource final : public SlabSource {
 public:
  std::byte* take(std::size_t bytes) override {
    taken += bytes;
    return reinterpret_cast<std::byte*>(std::exchange(next_, next_ + bytes));
  }
  void give_back(std::byte*, std::size_t bytes) override { taken -= bytes; }

  std::size_t taken = 0;

 private:
  std::uintptr_t next_ = std::uintptr_t{1} << 55;
};

TEST(Arena, TakesItsSlabsFromItsSourceAndGivesThemBack) {
  CountingSource source;
  {
    Arena arena(source);
    void* small = arena.allocate(kMiB);
    void* large = arena.allocate(100 * kMiB);
    EXPECT_EQ(source.taken, arena.bytes_reserved());
    EXPECT_GE(source.taken, 101 * kMiB);
    arena.release(large);
    arena.trim();
    EXPECT_EQ(source.taken, arena.bytes_reserved());
    EXPECT_LT(source.taken, 100 * kMiB);
    arena.release(small);
  }
  EXPECT_EQ(source.taken, 0u);
}

TEST(Tensor, GivesItsMemoryBackAndMovesIt) {
  Arena arena;
  Address data;
  {
    Tensor a(arena, {2, 3, 4});
    data = a.address();
    Tensor b = std::move(a);
    EXPECT_EQ(b.address(), data);
    EXPECT_TRUE(a.empty());  // NOLINT: a moved-from tensor is empty
    EXPECT_EQ(b.rows(), 6);
    const Tensor c = std::move(b).reshaped({6, 4});
    EXPECT_EQ(c.address(), data);
    EXPECT_EQ(c.shape(), (Shape{6, 4}));
  }
  const Tensor again(arena, {24});
  EXPECT_EQ(again.address(), data);
}

TEST(Tensor, RefusesAShapeTooLargeForMemory) {
  Arena arena;
  for (const int bits : {58, 61, 62}) {
    EXPECT_THROW(Tensor(arena, {std::int64_t{1} << bits}), Error) << "2^" << bits << " values";
  }
}

}  // namespace
}  // namespace easel
