// The layers against sums written out by hand, on every backend.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nn/attention.h"
#include "nn/embedding.h"
#include "nn/feed_forward.h"
#include "nn/norm.h"
#include "nn/tensor_ops.h"
#include "support/backends.h"
#include "support/compare.h"
#include "support/errors.h"
#include "support/tensors.h"
#include "weights/concat_rows.h"
#include "weights/random_weights.h"

namespace easel {
namespace {

using testing::BackendCase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::relative_rms;

std::vector<float> all_of(const Weights& weights, const std::string& name) {
  const TensorSource& source = weights.find(name)->source;
  std::vector<float> values(static_cast<std::size_t>(source.shape.elements()));
  source.read(0, values);
  return values;
}

// x [rows, in] times w [out, in] transposed.
std::vector<double> product(std::span<const double> x, std::span<const float> w, std::size_t in) {
  const std::size_t rows = x.size() / in, outs = w.size() / in;
  std::vector<double> y(rows * outs);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < outs; ++o) {
      for (std::size_t i = 0; i < in; ++i) y[r * outs + o] += x[r * in + i] * w[o * in + i];
    }
  }
  return y;
}

// Attention of q [T, C] to k and v [S, C] with `heads` heads.
std::vector<double> attention(const std::vector<double>& q, const std::vector<double>& k,
                              const std::vector<double>& v, std::size_t channels, int heads) {
  const std::size_t depth = channels / static_cast<std::size_t>(heads);
  const std::size_t rows = q.size() / channels, keys = k.size() / channels;
  std::vector<double> out(q.size());
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t h = 0; h < static_cast<std::size_t>(heads); ++h) {
      std::vector<double> weights(keys);
      for (std::size_t s = 0; s < keys; ++s) {
        double dot = 0;
        for (std::size_t d = 0; d < depth; ++d) {
          dot += q[t * channels + h * depth + d] * k[s * channels + h * depth + d];
        }
        weights[s] = std::exp(dot / std::sqrt(static_cast<double>(depth)));
      }
      const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (std::size_t s = 0; s < keys; ++s) {
        for (std::size_t d = 0; d < depth; ++d) {
          out[t * channels + h * depth + d] += weights[s] / total * v[s * channels + h * depth + d];
        }
      }
    }
  }
  return out;
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}
std::vector<double> doubles(std::span<const float> values) {
  return {values.begin(), values.end()};
}

constexpr AttentionNames kNames{.q = "to_q", .k = "to_k", .v = "to_v", .out = "to_out.0"};

class Layers : public ::testing::TestWithParam<BackendCase> {
 protected:
  Tensor wave(Shape shape, double speed) {
    std::vector<float> values(static_cast<std::size_t>(shape.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(std::sin(speed * static_cast<double>(i + 1)));
    }
    return testing::tensor_of(*backend_, shape, values);
  }
  std::vector<float> values(ConstView x) { return testing::values_of(*backend_, x); }

  std::unique_ptr<Backend> backend_ = GetParam().make();
};

TEST_P(Layers, SelfAttentionIsItsDefinition) {
  const std::vector<NamedShape> shapes = {{"to_q.weight", {32, 24}},
                                          {"to_k.weight", {32, 24}},
                                          {"to_v.weight", {32, 24}},
                                          {"to_out.0.weight", {24, 32}},
                                          {"to_out.0.bias", {24}}};
  const Weights weights = make_random_weights(shapes, 3);
  const Scope scope(weights);
  const SelfAttention layer({*backend_, scope},
                            {.channels = 24, .inner = 32, .heads = 4, .names = kNames});
  EXPECT_NO_THROW(scope.require_all_taken());
  const Tensor x = wave({1, 10, 24}, 0.37), residual = wave({1, 10, 24}, 0.11);

  const Tensor y = layer(x, residual);

  const auto in = doubles(values(x));
  const auto attended = attention(product(in, all_of(weights, "to_q.weight"), 24),
                                  product(in, all_of(weights, "to_k.weight"), 24),
                                  product(in, all_of(weights, "to_v.weight"), 24), 32, 4);
  auto expected = product(attended, all_of(weights, "to_out.0.weight"), 32);
  const auto bias = all_of(weights, "to_out.0.bias");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] += bias[i % 24] + values(residual)[i];
  }
  EXPECT_LE(relative_rms(values(y), floats(expected)), 2e-6);
}

TEST_P(Layers, CrossAttentionGivesEachPictureItsOwnContext) {
  const std::vector<NamedShape> shapes = {{"to_q.weight", {24, 24}},
                                          {"to_k.weight", {24, 12}},
                                          {"to_v.weight", {24, 12}},
                                          {"to_out.0.weight", {24, 24}},
                                          {"to_out.0.bias", {24}}};
  const Weights weights = make_random_weights(shapes, 4);
  const CrossAttention layer({*backend_, Scope(weights)},
                             {.channels = 24, .inner = 24, .heads = 2, .names = kNames}, 12);
  const Tensor contexts = wave({2, 5, 12}, 0.7);
  const ContextKeys keys = layer.prepare(contexts);
  const Tensor norm_x = wave({1, 6, 24}, 0.3);
  const std::vector<int> context_of = {1, 0};

  // One picture that stands for two.
  const Tensor y = layer(wave({1, 6, 24}, 0.2), norm_x, keys, context_of);

  ASSERT_EQ(y.shape(), Shape({2, 6, 24}));
  const Tensor x = wave({1, 6, 24}, 0.2);
  const auto bias = all_of(weights, "to_out.0.bias");
  for (std::size_t picture = 0; picture < 2; ++picture) {
    const auto context = doubles(values(pictures_of(ConstView(contexts), context_of[picture], 1)));
    const auto attended =
        attention(product(doubles(values(norm_x)), all_of(weights, "to_q.weight"), 24),
                  product(context, all_of(weights, "to_k.weight"), 12),
                  product(context, all_of(weights, "to_v.weight"), 12), 24, 2);
    auto expected = product(attended, all_of(weights, "to_out.0.weight"), 24);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] += bias[i % 24] + values(x)[i];
    }
    EXPECT_LE(relative_rms(values(pictures_of(ConstView(y), static_cast<std::int64_t>(picture), 1)),
                           floats(expected)),
              2e-6);
  }
}

TEST_P(Layers, FeedForwardWithGateAddsToItsInput) {
  const std::vector<NamedShape> shapes = {{"net.0.proj.weight", {32, 8}},
                                          {"net.0.proj.bias", {32}},
                                          {"net.2.weight", {8, 16}},
                                          {"net.2.bias", {8}}};
  const Weights weights = make_random_weights(shapes, 5);
  const FeedForward layer({*backend_, Scope(weights)}, {.channels = 8,
                                                        .inner = 16,
                                                        .activation = Activation::kGeglu,
                                                        .first = "net.0.proj",
                                                        .second = "net.2"});
  Tensor x = wave({1, 7, 8}, 0.4);
  const Tensor norm_x = wave({1, 7, 8}, 0.9), before = wave({1, 7, 8}, 0.4);

  layer.add_to(x, norm_x);

  auto hidden = product(doubles(values(norm_x)), all_of(weights, "net.0.proj.weight"), 8);
  const auto bias = all_of(weights, "net.0.proj.bias");
  std::vector<double> gated;
  for (std::size_t row = 0; row < 7; ++row) {
    for (std::size_t i = 0; i < 16; ++i) {
      const double value = hidden[row * 32 + i] + bias[i];
      const double gate = hidden[row * 32 + 16 + i] + bias[16 + i];
      gated.push_back(value * 0.5 * gate * (1 + std::erf(gate / std::sqrt(2.0))));
    }
  }
  auto expected = product(gated, all_of(weights, "net.2.weight"), 16);
  const auto last = all_of(weights, "net.2.bias");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] += last[i % 8] + values(before)[i];
  }
  EXPECT_LE(relative_rms(values(x), floats(expected)), 2e-6);
}

TEST_P(Layers, PixelShuffleUndoesPixelUnshuffle) {
  const Tensor x = wave({2, 4, 6, 3}, 0.5);
  const Tensor deep = pixel_unshuffle(*backend_, x, 2);
  ASSERT_EQ(deep.shape(), Shape({2, 2, 3, 12}));
  // Channel 1 of pixel (1, 2) of the second picture: row 0, column 1, offsets 1 and 0.
  EXPECT_EQ(values(deep)[(6 + 0 * 3 + 1) * 12 + 1 * 4 + 2], values(x)[(24 + 1 * 6 + 2) * 3 + 1]);
  const Tensor back = pixel_shuffle(*backend_, deep, 2);
  EXPECT_TRUE(std::ranges::equal(values(back), values(x)));
}

TEST_P(Layers, ConcatenationRepeatsTheSmallerBatch) {
  const Tensor a = wave({4, 1, 2, 3}, 0.5), b = wave({2, 1, 2, 2}, 0.8);
  const Tensor both = concat_channels(*backend_, a, b);
  ASSERT_EQ(both.shape(), Shape({4, 1, 2, 5}));
  for (std::size_t pixel = 0; pixel < 8; ++pixel) {
    EXPECT_EQ(values(both)[pixel * 5 + 2], values(a)[pixel * 3 + 2]);
    EXPECT_EQ(values(both)[pixel * 5 + 4], values(b)[pixel % 4 * 2 + 1]);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, Layers, ::testing::ValuesIn(testing::all_backends()),
                         testing::backend_case_name);

TEST(Parameters, SeveralWeightsReadAsOneFromAnyPlace) {
  const std::vector<NamedShape> shapes = {{"a", {2, 3}}, {"b", {1, 3}}, {"c", {3, 3}}};
  const Weights weights = make_random_weights(shapes, 6);
  const Scope scope(weights);
  const TensorSource whole =
      concat_rows({scope.take("a", {2, 3}), scope.take("b", {1, 3}), scope.take("c", {3, 3})});
  ASSERT_EQ(whole.shape, Shape({6, 3}));
  std::vector<float> expected;
  for (const std::string name : {"a", "b", "c"}) {
    const auto values = all_of(weights, name);
    expected.insert(expected.end(), values.begin(), values.end());
  }
  for (std::size_t first = 0; first < 18; ++first) {
    for (std::size_t count = 0; first + count <= 18; ++count) {
      std::vector<float> run(count);
      whole.read(static_cast<std::int64_t>(first), run);
      EXPECT_TRUE(std::equal(run.begin(), run.end(),
                             expected.begin() + static_cast<std::ptrdiff_t>(first)));
    }
  }
}

TEST(Embedding, ReadsOnlyTheRowsItIsAskedFor) {
  std::vector<std::int64_t> reads;
  Weights::Entries entries;
  entries["weight"].source = {.shape = {1000, 2}, .read = [&](std::int64_t first, auto out) {
                                reads.push_back(first);
                                for (float& value : out) value = static_cast<float>(first++);
                              }};
  const Weights weights(WeightsFormat::kMemory, std::move(entries));
  const Embedding embedding(Scope(weights), 1000, 2);
  std::vector<float> out(4, 0.5f);
  embedding.add_rows(std::vector<std::int32_t>{7, 999}, out);
  EXPECT_THAT(out, ElementsAre(14.5f, 15.5f, 1998.5f, 1999.5f));
  EXPECT_THAT(reads, ElementsAre(14, 1998));
}

TEST(GroupNormLayer, ChannelsThatDoNotDivideIntoGroupsAreRefusedByName) {
  const std::vector<NamedShape> shapes = {{"norm.weight", {40}}, {"norm.bias", {40}}};
  const Weights weights = make_random_weights(shapes, 7);
  const auto backend = testing::usual_backend().make();
  EXPECT_THAT(testing::message_of(
                  ErrorCode::kWrongModel,
                  [&] {
                    GroupNorm({*backend, Scope(weights) / "norm"}, {.channels = 40, .groups = 32});
                  }),
              HasSubstr("'norm' has 40 channels"));
}

}  // namespace
}  // namespace easel
