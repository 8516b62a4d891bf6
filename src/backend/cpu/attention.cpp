#include "backend/cpu/attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "backend/follow.h"

namespace easel::cpu {
namespace {

// Scores of one block of queries: about 800 kB, within a second-level cache.
constexpr std::int64_t kScoreFloats = 200 * 1024;
constexpr std::int64_t kMostQueries = 48;
// The score of a key that a query must not see; softmax makes 0 of it.
constexpr float kHidden = -1e30f;

// For each picture and head: k^T as panels [panel][D][width] and v as panels
// [block of kBlockK keys][panel][keys][width].
class CpuKeyValues final : public KeyValues {
 public:
  CpuKeyValues(const Context& context, ConstView k, ConstView v, int head_count)
      : heads(head_count),
        pictures(k.shape[0]),
        key_count(k.shape[1]),
        depth(k.channels() / head_count),
        width(context.kernels.panel()),
        lanes(context.kernels.gemm.lanes),
        key_floats(ceil_div(key_count, width) * width * depth),
        value_floats(key_count * ceil_div(depth, width) * width),
        packed_(*context.arena, Shape{pictures * heads, key_floats + value_floats}) {
    assert(k.channels() % heads == 0 && v.shape == k.shape);
    context.threads->parallel_for(pictures * heads, [&](std::int64_t i) {
      const std::int64_t row = i / heads * key_count, channel = i % heads * depth;
      float* to = host(packed_) + i * (key_floats + value_floats);
      pack_keys(host(k) + row * k.stride + channel, k.stride, to);
      pack_values(host(v) + row * v.stride + channel, v.stride, to + key_floats);
    });
  }

  std::int64_t length() const override { return key_count; }

  const float* keys_of(std::int64_t picture, std::int64_t head) const {
    return host(packed_) + (picture * heads + head) * (key_floats + value_floats);
  }
  const float* values_of(std::int64_t picture, std::int64_t head) const {
    return keys_of(picture, head) + key_floats;
  }
  /// Columns of a panel of values: one vector where that is enough for the last.
  std::int64_t value_columns(std::int64_t panel) const {
    return depth - panel * width <= lanes ? lanes : width;
  }

  const std::int64_t heads, pictures, key_count, depth, width, lanes;
  const std::int64_t key_floats, value_floats;

 private:
  void pack_keys(const float* k, std::int64_t stride, float* to) const {
    for (std::int64_t first = 0; first < key_count; first += width) {
      for (std::int64_t d = 0; d < depth; ++d) {
        for (std::int64_t c = 0; c < width; ++c) {
          *to++ = first + c < key_count ? k[(first + c) * stride + d] : 0.0f;
        }
      }
    }
  }

  void pack_values(const float* v, std::int64_t stride, float* to) const {
    for (std::int64_t first = 0; first < key_count; first += kBlockK) {
      const std::int64_t end = std::min(key_count, first + kBlockK);
      for (std::int64_t panel = 0; panel * width < depth; ++panel) {
        const std::int64_t columns = value_columns(panel);
        const std::int64_t used = std::min(columns, depth - panel * width);
        for (std::int64_t key = first; key < end; ++key, to += columns) {
          const float* from = v + key * stride + panel * width;
          std::copy(from, from + used, to);
          std::fill(to + used, to + columns, 0.0f);
        }
      }
    }
  }

  Tensor packed_;
};

// Where the keys and values of a picture of the result are packed.
struct KeysOfPicture {
  const CpuKeyValues* keys;
  std::int64_t picture;
};

class Attention {
 public:
  /// `sizes`: any of `sources`, which are all alike.
  Attention(const Context& context, const Repeated& q, const CpuKeyValues& sizes,
            std::span<const KeysOfPicture> sources, bool causal, View out)
      : context_(context),
        q_(q),
        keys_(sizes),
        sources_(sources),
        causal_(causal),
        out_(out),
        queries_(out.rows() / out.shape[0]),
        key_blocks_(ceil_div(sizes.key_count, kBlockK)),
        depth_blocks_(ceil_div(sizes.depth, kBlockK)),
        block_rows_(
            std::clamp<std::int64_t>(kScoreFloats / (key_blocks_ * kRowStride), 1, kMostQueries)) {
    assert(sources.size() == static_cast<std::size_t>(out.shape[0]));
  }

  void run() const {
    const std::int64_t blocks = ceil_div(queries_, block_rows_);
    context_.threads->parallel_for(
        out_.shape[0] * keys_.heads * blocks, [&](std::int64_t task, int worker) {
          const std::int64_t pair = task / blocks;
          attend_block(pair / keys_.heads, pair % keys_.heads, task % blocks * block_rows_, worker);
        });
  }

 private:
  void attend_block(std::int64_t picture, std::int64_t head, std::int64_t first, int worker) const {
    const std::int64_t rows = std::min(block_rows_, queries_ - first);
    const std::int64_t score_floats = key_blocks_ * block_rows_ * kRowStride;
    const std::int64_t query_floats = depth_blocks_ * block_rows_ * kRowStride;
    float* scores = context_.scratch.floats(
        worker, score_floats + query_floats + block_rows_ * (keys_.width + 1));
    float* queries = scores + score_floats;
    float* sums = queries + query_floats;
    float* totals = sums + block_rows_ * keys_.width;
    const std::int64_t row = picture * queries_ + first, channel = head * keys_.depth;
    const KeysOfPicture& source = sources_[static_cast<std::size_t>(picture)];

    copy_queries(q_.row(row), channel, rows, queries);
    score(source.keys->keys_of(source.picture, head), queries, rows, scores);
    if (causal_) hide_later_keys(first, rows, scores);
    context_.kernels.norm.softmax(scores, rows, block_rows_ * kRowStride, keys_.key_count,
                                  1.0f / std::sqrt(static_cast<float>(keys_.depth)), totals);
    for (std::int64_t panel = 0; panel * keys_.width < keys_.depth; ++panel) {
      weigh(source.keys->values_of(source.picture, head), panel, scores, rows, sums);
      const std::int64_t d = panel * keys_.width;
      for (std::int64_t r = 0; r < rows; ++r) {
        context_.kernels.norm.scale(sums + r * keys_.width, std::min(keys_.width, keys_.depth - d),
                                    1.0f / totals[r],
                                    host(out_) + (row + r) * out_.stride + channel + d);
      }
    }
  }

  void copy_queries(std::int64_t row, std::int64_t channel, std::int64_t rows, float* to) const {
    const ConstView& q = q_.pictures;
    for (std::int64_t block = 0; block < depth_blocks_; ++block) {
      const auto [begin, end] = piece(keys_.depth, depth_blocks_, block);
      for (std::int64_t r = 0; r < rows; ++r) {
        std::memcpy(to + (block * block_rows_ + r) * kRowStride,
                    host(q) + (row + r) * q.stride + channel + begin,
                    static_cast<std::size_t>(end - begin) * sizeof(float));
      }
    }
  }

  // scores = queries * keys^T
  void score(const float* keys, const float* queries, std::int64_t rows, float* scores) const {
    for (std::int64_t key = 0; key < keys_.key_count; key += keys_.width) {
      float* to = scores + key / kBlockK * block_rows_ * kRowStride + key % kBlockK;
      for (std::int64_t block = 0; block < depth_blocks_; ++block) {
        const auto [begin, end] = piece(keys_.depth, depth_blocks_, block);
        context_.kernels.gemm.multiply({.rows = rows,
                                        .k = end - begin,
                                        .a = queries + block * block_rows_ * kRowStride,
                                        .b = keys + key * keys_.depth + begin * keys_.width,
                                        .vectors = 2,
                                        .c = to,
                                        .c_stride = kRowStride,
                                        .accumulate = block > 0});
      }
    }
  }

  // Query first + r sees keys 0 to first + r: the others' weights become exactly 0.
  void hide_later_keys(std::int64_t first, std::int64_t rows, float* scores) const {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t key = first + r + 1; key < keys_.key_count; ++key) {
        scores[(key / kBlockK * block_rows_ + r) * kRowStride + key % kBlockK] = kHidden;
      }
    }
  }

  // sums = weights * one panel of values
  void weigh(const float* values, std::int64_t panel, const float* weights, std::int64_t rows,
             float* sums) const {
    const std::int64_t columns = keys_.value_columns(panel);
    const std::int64_t panels = ceil_div(keys_.depth, keys_.width);
    const std::int64_t row_floats =
        (panels - 1) * keys_.width + keys_.value_columns(panels - 1);  // of one key, all panels
    for (std::int64_t block = 0; block < key_blocks_; ++block) {
      const std::int64_t first = block * kBlockK;
      const std::int64_t count = std::min(kBlockK, keys_.key_count - first);
      context_.kernels.gemm.multiply(
          {.rows = rows,
           .k = count,
           .a = weights + block * block_rows_ * kRowStride,
           .b = values + first * row_floats + panel * keys_.width * count,
           .vectors = static_cast<int>(columns / keys_.lanes),
           .c = sums,
           .c_stride = keys_.width,
           .accumulate = block > 0});
    }
  }

  const Context& context_;
  const Repeated q_;
  const CpuKeyValues& keys_;  // for its sizes
  const std::span<const KeysOfPicture> sources_;
  const bool causal_;
  const View out_;
  const std::int64_t queries_;
  const std::int64_t key_blocks_, depth_blocks_;
  const std::int64_t block_rows_;
};

}  // namespace

std::unique_ptr<KeyValues> pack_keys(const Context& context, ConstView k, ConstView v, int heads) {
  return std::make_unique<CpuKeyValues>(context, k, v, heads);
}

void attend(const Context& context, const Repeated& q, std::span<const KeyValues* const> keys,
            View out) {
  std::vector<KeysOfPicture> sources;
  for (const KeyValues* one : keys) {
    sources.push_back({.keys = &dynamic_cast<const CpuKeyValues&>(*one), .picture = 0});
  }
  Attention(context, q, *sources.front().keys, sources, false, out).run();
}

void attend(const Context& context, ConstView q, ConstView k, ConstView v, const AttendSpec& spec,
            View out) {
  const CpuKeyValues packed(context, k, v, spec.heads);
  std::vector<KeysOfPicture> sources;
  for (std::int64_t i = 0; i < q.shape[0]; ++i) sources.push_back({.keys = &packed, .picture = i});
  Attention(context, q, packed, sources, spec.causal, out).run();
}

}  // namespace easel::cpu
