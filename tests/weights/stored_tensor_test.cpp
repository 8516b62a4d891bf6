#include "weights/formats/stored_tensor.h"

#include <gmock/gmock.h>

#include <thread>

#include "support.h"

namespace easel {
namespace {

struct View {
  std::string what;
  std::int64_t storage;  // elements
  std::int64_t offset;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

// Element i of the storage holds i, so that a value says where it was read.
std::shared_ptr<const File> counting_file(std::int64_t elements, DType dtype) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(elements) * size_of(dtype));
  for (std::int64_t i = 0; i < elements; ++i) {
    std::byte* at = bytes.data() + static_cast<std::size_t>(i) * size_of(dtype);
    if (dtype == DType::kF32) {
      const auto value = static_cast<float>(i);
      std::memcpy(at, &value, sizeof(value));
    } else {
      const auto value = static_cast<std::int16_t>(i % 30000);
      std::memcpy(at, &value, sizeof(value));
    }
  }
  return File::in_memory("counting", std::move(bytes));
}

std::vector<float> by_the_definition(const View& view, DType dtype) {
  std::vector<float> out;
  std::vector<std::int64_t> at(view.sizes.size(), 0);
  const std::int64_t elements = Shape(view.sizes).elements();
  for (std::int64_t n = 0; n < elements; ++n) {
    std::int64_t position = view.offset;
    for (std::size_t d = 0; d < at.size(); ++d) position += at[d] * view.strides[d];
    out.push_back(static_cast<float>(dtype == DType::kF32 ? position : position % 30000));
    for (std::size_t d = at.size(); d-- > 0;) {
      if (++at[d] < view.sizes[d]) break;
      at[d] = 0;
    }
  }
  return out;
}

Weights::Entry entry_of(const View& view, DType dtype) {
  StoredTensor tensor{.file = counting_file(view.storage, dtype), .dtype = dtype};
  tensor.offset = view.offset * static_cast<std::int64_t>(size_of(dtype));
  tensor.shape = Shape(view.sizes);
  std::copy(view.strides.begin(), view.strides.end(), tensor.strides.emplace().begin());
  return make_entry(std::move(tensor));
}

// The large ones span more than one window of the gathering, and their runs are long or far apart.
const View kViews[] = {
    {"contiguous", 24, 0, {2, 3, 4}, {12, 4, 1}},
    {"contiguous after an offset", 30, 6, {2, 3, 4}, {12, 4, 1}},
    {"contiguous with odd strides of single sizes", 24, 0, {1, 24, 1}, {77, 1, 99}},
    {"transposed", 24, 0, {4, 6}, {1, 4}},
    {"permuted", 24, 0, {4, 2, 3}, {1, 12, 4}},
    {"columns of a matrix", 24, 2, {6, 2}, {4, 1}},
    {"one column", 24, 3, {6}, {4}},
    {"rows that repeat", 24, 0, {3, 4}, {0, 1}},
    {"one element expanded", 24, 5, {7, 9}, {0, 0}},
    {"sliding windows", 24, 0, {20, 5}, {1, 1}},
    {"a scalar", 24, 23, {}, {}},
    {"empty", 24, 24, {0, 5}, {5, 1}},
    {"large and transposed", 3 << 20, 0, {1 << 10, 3 << 10}, {1, 1 << 10}},
    {"large, half of every row", 3 << 20, 100, {512, 3000}, {6000, 1}},
    {"large, every 2000th element", 3 << 20, 7, {1500}, {2000}},
    {"large, few and far", 3 << 20, 0, {3, 2}, {1 << 20, 1 << 19}},
};

TEST(StoredTensor, readsEveryKindOfView) {
  for (const View& view : kViews) {
    for (const DType dtype : {DType::kF32, DType::kI16}) {
      SCOPED_TRACE(view.what + " " + std::string(name_of(dtype)));
      const Weights::Entry entry = entry_of(view, dtype);
      const std::vector<float> wanted = by_the_definition(view, dtype);
      std::vector<float> seen(wanted.size());
      entry.source.read(0, seen);
      EXPECT_TRUE(seen == wanted);
      EXPECT_EQ(entry.bytes, static_cast<std::int64_t>(wanted.size() * size_of(dtype)));
    }
  }
}

TEST(StoredTensor, readsAnyPartOfAView) {
  for (const View& view : kViews) {
    SCOPED_TRACE(view.what);
    const Weights::Entry entry = entry_of(view, DType::kI16);
    const std::vector<float> wanted = by_the_definition(view, DType::kI16);
    for (const std::size_t divisor : {2u, 3u, 7u}) {
      const std::size_t first = wanted.size() / divisor;
      const std::size_t count = (wanted.size() - first) / divisor;
      std::vector<float> part(count);
      entry.source.read(static_cast<std::int64_t>(first), part);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), wanted.begin() + static_cast<long>(first)));
    }
  }
}

TEST(StoredTensor, isReadByManyThreadsAtOnce) {
  const View view = kViews[12];
  const Weights::Entry entry = entry_of(view, DType::kF32);
  const std::vector<float> wanted = by_the_definition(view, DType::kF32);
  std::vector<float> seen(wanted.size());
  std::vector<std::thread> threads;
  const std::size_t piece = wanted.size() / 4;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      entry.source.read(static_cast<std::int64_t>(i * piece),
                        std::span(seen).subspan(i * piece, piece));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(seen == wanted);
}

}  // namespace
}  // namespace easel
