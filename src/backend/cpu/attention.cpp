#include "backend/cpu/attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

#include "backend/cpu/packed_keys.h"
#include "backend/follow.h"

namespace easel::cpu {
namespace {

constexpr std::int64_t kMostQueries = 48;
// More keys than this are attended to in segments, whose softmaxes are put together as they come
// (Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"): the scores of a block
// of queries then stay in a second-level cache, however many keys there are. Which segments there
// are depends on the number of keys alone, so that pictures do not depend on the processor.
constexpr std::int64_t kMostKeysAtOnce = 4096;
constexpr std::int64_t kSegmentKeys = 4 * kBlockK;
// The score of a key that a query must not see; softmax makes 0 of it.
constexpr float kHidden = -1e30f;

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
        segment_(sizes.key_count > kMostKeysAtOnce ? kSegmentKeys : sizes.key_count),
        segment_blocks_(ceil_div(segment_, kBlockK)),
        depth_blocks_(ceil_div(sizes.depth, kBlockK)),
        scale_(1.0f / std::sqrt(static_cast<float>(sizes.depth))),
        block_rows_(std::clamp<std::int64_t>(most_scores(context) / (segment_blocks_ * kRowStride),
                                             1, kMostQueries)) {
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
  // Scores of one block of queries, beside which keys and values pass through the cache.
  static std::int64_t most_scores(const Context& context) {
    return context.second_level_floats * 2 / 5;
  }

  // What a block of queries is computed in.
  struct Room {
    float* scores;   // [segment's blocks][block_rows_][kRowStride], then their weights
    float* queries;  // [depth_blocks_][block_rows_][kRowStride]
    float* sums;     // [block_rows_][panel]: of one panel of values
    float* highest;  // [block_rows_]: the segment's highest score
    float* totals;   // [block_rows_]: the sum of its weights
    // Of the segments so far; [block_rows_] and [block_rows_][panels of values]
    float *best, *whole, *result;
  };

  std::int64_t result_width() const { return ceil_div(keys_.depth, keys_.width) * keys_.width; }

  Room room(int worker) const {
    const std::int64_t score_floats = segment_blocks_ * block_rows_ * kRowStride;
    const std::int64_t query_floats = depth_blocks_ * block_rows_ * kRowStride;
    float* at = context_.scratch.floats(
        worker, score_floats + query_floats +
                    block_rows_ * (keys_.width + 4 + (streams() ? result_width() : 0)));
    const auto take = [&at](std::int64_t floats) { return std::exchange(at, at + floats); };
    return {.scores = take(score_floats),
            .queries = take(query_floats),
            .sums = take(block_rows_ * keys_.width),
            .highest = take(block_rows_),
            .totals = take(block_rows_),
            .best = take(block_rows_),
            .whole = take(block_rows_),
            .result = at};
  }

  bool streams() const { return segment_ < keys_.key_count; }

  // Calls use(panel's first channel, its channels).
  template <typename Use>
  void for_panels(Use&& use) const {
    for (std::int64_t d = 0; d < keys_.depth; d += keys_.width) {
      use(d, std::min(keys_.width, keys_.depth - d));
    }
  }

  void attend_block(std::int64_t picture, std::int64_t head, std::int64_t first, int worker) const {
    const std::int64_t rows = std::min(block_rows_, queries_ - first);
    const std::int64_t row = picture * queries_ + first, channel = head * keys_.depth;
    const KeysOfPicture& source = sources_[static_cast<std::size_t>(picture)];
    const float* values = source.keys->values_of(source.picture, head);
    const Room at = room(worker);

    copy_queries(q_.row(row), channel, rows, at.queries);
    for (std::int64_t key = 0; key < keys_.key_count; key += segment_) {
      const std::int64_t count = std::min(segment_, keys_.key_count - key);
      score(source.keys->keys_of(source.picture, head), at.queries, rows, key, count, at.scores);
      if (causal_) hide_later_keys(first, rows, key, count, at.scores);
      context_.kernels.norm.softmax(at.scores, rows, block_rows_ * kRowStride, count, scale_,
                                    at.highest, at.totals);
      if (streams()) add_segment(values, rows, key, count, at);
    }
    float* out = host(out_) + row * out_.stride + channel;
    for_panels([&](std::int64_t d, std::int64_t channels) {
      if (!streams()) weigh(values, d, at.scores, rows, 0, keys_.key_count, at.sums);
      const float* from = streams() ? at.result + d : at.sums;
      const std::int64_t stride = streams() ? result_width() : keys_.width;
      const float* totals = streams() ? at.whole : at.totals;
      for (std::int64_t r = 0; r < rows; ++r) {
        context_.kernels.norm.scale(from + r * stride, channels, 1.0f / totals[r],
                                    out + r * out_.stride + d);
      }
    });
  }

  // What was summed so far and this segment's sums, both relative to the higher of their highest
  // scores.
  void add_segment(const float* values, std::int64_t rows, std::int64_t key, std::int64_t count,
                   const Room& at) const {
    for (std::int64_t r = 0; r < rows; ++r) {
      const float best = key == 0 ? at.highest[r] : std::max(at.best[r], at.highest[r]);
      const float kept = key == 0 ? 0.0f : std::exp((at.best[r] - best) * scale_);
      const float added = std::exp((at.highest[r] - best) * scale_);
      at.whole[r] = (key == 0 ? 0.0f : at.whole[r] * kept) + at.totals[r] * added;
      at.best[r] = best;
      at.totals[r] = kept;  // for the panels below
      at.highest[r] = added;
    }
    for_panels([&](std::int64_t d, std::int64_t channels) {
      weigh(values, d, at.scores, rows, key, count, at.sums);
      for (std::int64_t r = 0; r < rows; ++r) {
        float* result = at.result + r * result_width() + d;
        const float* sums = at.sums + r * keys_.width;
        if (key == 0) {
          context_.kernels.norm.scale(sums, channels, at.highest[r], result);
        } else {
          context_.kernels.norm.scale(result, channels, at.totals[r], result);
          context_.kernels.norm.add_scaled(sums, at.highest[r], result, channels, result);
        }
      }
    });
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

  // scores = queries * keys^T of keys [first, first + count)
  void score(const float* keys, const float* queries, std::int64_t rows, std::int64_t first,
             std::int64_t count, float* scores) const {
    for (std::int64_t i = 0; i < count; i += keys_.width) {
      float* to = scores + i / kBlockK * block_rows_ * kRowStride + i % kBlockK;
      for (std::int64_t block = 0; block < depth_blocks_; ++block) {
        const auto [begin, end] = piece(keys_.depth, depth_blocks_, block);
        context_.kernels.gemm.multiply({.rows = rows,
                                        .k = end - begin,
                                        .a = queries + block * block_rows_ * kRowStride,
                                        .b = keys + (first + i) * keys_.depth + begin * keys_.width,
                                        .vectors = 2,
                                        .c = to,
                                        .c_stride = kRowStride,
                                        .accumulate = block > 0});
      }
    }
  }

  // Query `query` + r sees keys 0 to query + r: the others' weights become exactly 0.
  void hide_later_keys(std::int64_t query, std::int64_t rows, std::int64_t first,
                       std::int64_t count, float* scores) const {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t i = std::max<std::int64_t>(query + r + 1 - first, 0); i < count; ++i) {
        scores[(i / kBlockK * block_rows_ + r) * kRowStride + i % kBlockK] = kHidden;
      }
    }
  }

  // sums = weights of keys [first, first + count) * the panel of values whose first channel is d
  void weigh(const float* values, std::int64_t d, const float* weights, std::int64_t rows,
             std::int64_t first, std::int64_t count, float* sums) const {
    const std::int64_t columns = keys_.value_columns(d / keys_.width);
    const std::int64_t panels = ceil_div(keys_.depth, keys_.width);
    const std::int64_t row_floats =
        (panels - 1) * keys_.width + keys_.value_columns(panels - 1);  // of one key, all panels
    for (std::int64_t i = 0; i < count; i += kBlockK) {
      const std::int64_t block = std::min(kBlockK, count - i);
      context_.kernels.gemm.multiply({.rows = rows,
                                      .k = block,
                                      .a = weights + i / kBlockK * block_rows_ * kRowStride,
                                      .b = values + (first + i) * row_floats + d * block,
                                      .vectors = static_cast<int>(columns / keys_.lanes),
                                      .c = sums,
                                      .c_stride = keys_.width,
                                      .accumulate = i > 0});
    }
  }

  const Context& context_;
  const Repeated q_;
  const CpuKeyValues& keys_;  // for its sizes
  const std::span<const KeysOfPicture> sources_;
  const bool causal_;
  const View out_;
  const std::int64_t queries_;
  const std::int64_t segment_, segment_blocks_, depth_blocks_;  // segment_: keys at once
  const float scale_;
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
