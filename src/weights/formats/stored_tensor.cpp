#include "weights/formats/stored_tensor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <limits>
#include <vector>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::int64_t kWindowBytes = std::int64_t{8} << 20;
constexpr std::size_t kScratchBytes = std::size_t{64} << 10;
constexpr std::int64_t kLongRunBytes = 2048;  // longer runs are worth a read of their own
constexpr std::int64_t kSparseBytes = 1024;   // a system call costs about as much as copying this

struct Dimension {
  std::int64_t size;
  std::int64_t stride;
};

// The dimensions of a view, neighbours that are one run in storage merged; empty when contiguous.
std::vector<Dimension> merged_dimensions(const StoredTensor& tensor) {
  std::vector<Dimension> merged;
  if (!tensor.strides) return merged;
  for (int i = 0; i < tensor.shape.rank(); ++i) {
    const Dimension next{tensor.shape[i], (*tensor.strides)[static_cast<std::size_t>(i)]};
    if (next.size == 1) continue;
    if (!merged.empty() && next.size > 0 && merged.back().stride % next.size == 0 &&
        merged.back().stride / next.size == next.stride) {
      merged.back() = {merged.back().size * next.size, next.stride};
    } else {
      merged.push_back(next);
    }
  }
  if (merged.empty() || (merged.size() == 1 && merged[0].stride == 1)) return {};
  return merged;
}

// Consecutive elements of the view that lie `stride` apart in storage.
struct Run {
  std::int64_t position;  // of the first one in storage, in elements
  std::int64_t stride;
  std::int64_t length;
  std::int64_t index;  // of the first one in the output
};

template <typename Visit>
void for_each_run(const std::vector<Dimension>& dimensions, std::int64_t first, std::int64_t count,
                  Visit visit) {
  const std::size_t rank = dimensions.size();
  std::array<std::int64_t, Shape::kMaxRank> at{};
  std::int64_t rest = first;
  std::int64_t position = 0;
  for (std::size_t i = rank; i-- > 0;) {
    at[i] = rest % dimensions[i].size;
    rest /= dimensions[i].size;
    position += at[i] * dimensions[i].stride;
  }
  const Dimension inner = dimensions.back();
  for (std::int64_t index = 0; index < count;) {
    const std::int64_t length = std::min(inner.size - at[rank - 1], count - index);
    visit(Run{position, inner.stride, length, index});
    index += length;
    position -= at[rank - 1] * inner.stride;
    at[rank - 1] = 0;
    for (std::size_t i = rank - 1; i-- > 0;) {
      position += dimensions[i].stride;
      if (++at[i] < dimensions[i].size) break;
      position -= at[i] * dimensions[i].stride;
      at[i] = 0;
    }
  }
}

class Reader {
 public:
  explicit Reader(StoredTensor tensor)
      : tensor_(std::move(tensor)),
        dimensions_(merged_dimensions(tensor_)),
        item_(static_cast<std::int64_t>(size_of(tensor_.dtype))),
        elements_(tensor_.shape.elements()) {}

  void read_stored(std::int64_t first, std::span<std::byte> out) const {
    const std::int64_t count = static_cast<std::int64_t>(out.size()) / item_;
    assert(count * item_ == static_cast<std::int64_t>(out.size()));
    assert(first >= 0 && first <= elements_ && count <= elements_ - first);
    if (count == 0) return;
    if (dimensions_.empty()) {
      tensor_.file->read_at(tensor_.offset + first * item_, out);
    } else {
      gather(first, count, out);
    }
  }

  void read_floats(std::int64_t first, std::span<float> out) const {
    if (tensor_.dtype == DType::kF32) return read_stored(first, std::as_writable_bytes(out));
    if (dimensions_.empty()) {
      alignas(8) std::array<std::byte, kScratchBytes> scratch;
      return convert(first, out, scratch);
    }
    // A view is gathered in large pieces, so that a transposed one is not read once a piece.
    const std::size_t bytes = std::min(out.size() * static_cast<std::size_t>(item_),
                                       static_cast<std::size_t>(kWindowBytes));
    const auto scratch = std::make_unique_for_overwrite<std::byte[]>(bytes);
    convert(first, out, {scratch.get(), bytes});
  }

 private:
  void convert(std::int64_t first, std::span<float> out, std::span<std::byte> scratch) const {
    const std::size_t item = static_cast<std::size_t>(item_);
    while (!out.empty()) {
      const std::size_t count = std::min(out.size(), scratch.size() / item);
      read_stored(first, scratch.first(count * item));
      convert_to_float(tensor_.dtype, scratch.data(), out.first(count));
      out = out.subspan(count);
      first += static_cast<std::int64_t>(count);
    }
  }

  void read_run(const Run& run, std::span<std::byte> out) const {
    const auto item = static_cast<std::size_t>(item_);
    if (run.stride == 1) {
      tensor_.file->read_at(tensor_.offset + run.position * item_,
                            out.subspan(static_cast<std::size_t>(run.index) * item,
                                        static_cast<std::size_t>(run.length) * item));
      return;
    }
    for (std::int64_t i = 0; i < run.length; ++i) {
      tensor_.file->read_at(tensor_.offset + (run.position + i * run.stride) * item_,
                            out.subspan(static_cast<std::size_t>(run.index + i) * item, item));
    }
  }

  void gather(std::int64_t first, std::int64_t count, std::span<std::byte> out) const {
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = 0;
    for_each_run(dimensions_, first, count, [&](const Run& run) {
      low = std::min(low, run.position);
      high = std::max(high, run.position + (run.length - 1) * run.stride + 1);
    });
    const Dimension inner = dimensions_.back();
    const bool long_runs = inner.stride == 1 && inner.size * item_ >= kLongRunBytes;
    if (long_runs || count < (high - low) * item_ / kSparseBytes) {
      for_each_run(dimensions_, first, count, [&](const Run& run) { read_run(run, out); });
      return;
    }
    const std::int64_t window = std::min(kWindowBytes / item_, high - low);
    const auto bytes = std::make_unique_for_overwrite<std::byte[]>(
        static_cast<std::size_t>(window) * static_cast<std::size_t>(item_));
    for (std::int64_t begin = low; begin < high; begin += window) {
      const std::int64_t end = std::min(begin + window, high);
      tensor_.file->read_at(tensor_.offset + begin * item_,
                            {bytes.get(), static_cast<std::size_t>((end - begin) * item_)});
      for_each_run(dimensions_, first, count, [&](const Run& run) {
        copy_from_window(run, {begin, end, bytes.get()}, out);
      });
    }
  }

  struct Window {
    std::int64_t begin;
    std::int64_t end;
    const std::byte* bytes;
  };

  // Copies the elements of the run that lie inside the window.
  void copy_from_window(const Run& run, const Window& window, std::span<std::byte> out) const {
    const std::int64_t last = run.position + (run.length - 1) * run.stride;
    if (last < window.begin || run.position >= window.end) return;
    const std::int64_t stride = std::max<std::int64_t>(run.stride, 1);
    const std::int64_t from =
        run.position >= window.begin ? 0 : (window.begin - run.position + stride - 1) / stride;
    const std::int64_t to =
        last < window.end ? run.length : (window.end - 1 - run.position) / stride + 1;
    const auto item = static_cast<std::size_t>(item_);
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t position = run.position + i * run.stride - window.begin;
      std::memcpy(out.data() + static_cast<std::size_t>(run.index + i) * item,
                  window.bytes + static_cast<std::size_t>(position) * item, item);
    }
  }

  StoredTensor tensor_;
  std::vector<Dimension> dimensions_;
  std::int64_t item_;
  std::int64_t elements_;
};

}  // namespace

std::optional<std::int64_t> stored_bytes(std::span<const std::int64_t> dims, DType dtype) {
  if (std::find(dims.begin(), dims.end(), 0) != dims.end()) return 0;
  auto bytes = static_cast<std::int64_t>(size_of(dtype));
  bool overflow = false;
  for (const std::int64_t dim : dims) overflow |= __builtin_mul_overflow(bytes, dim, &bytes);
  return overflow ? std::nullopt : std::optional(bytes);
}

Weights::Entry make_entry(StoredTensor tensor) {
  Weights::Entry entry;
  entry.source.shape = tensor.shape;
  entry.source.dtype = tensor.dtype;
  entry.bytes = stored_bytes(tensor.shape.dims(), tensor.dtype).value();
  const auto reader = std::make_shared<const Reader>(std::move(tensor));
  entry.source.read = [reader](std::int64_t first, std::span<float> out) {
    reader->read_floats(first, out);
  };
  entry.read_stored = [reader](std::int64_t first, std::span<std::byte> out) {
    reader->read_stored(first, out);
  };
  return entry;
}

}  // namespace easel
