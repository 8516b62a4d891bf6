// Every backend and instruction set against the reference, operation by operation.
//
// Tolerances are relative RMS errors: 2e-6 for plain float32 sums (the reference adds in double),
// 4e-6 where Winograd's algorithm is used, 3e-3 where both factors are rounded to bfloat16 (each to
// within 2^-9; errors of many products average out).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "backend/onednn/onednn.h"
#include "backend/registry/registry.h"
#include "core/error.h"
#include "support/backends.h"
#include "support/compare.h"
#include "support/tensors.h"

namespace easel {
namespace {

// Uniform in [-1, 1): splitmix64 of the index.
float value_at(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed * 0x9e3779b97f4a7c15ULL + (index + 1) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<float>(static_cast<double>(z >> 11) * 0x1p-52 - 1.0);
}

TensorSource random_source(std::uint64_t seed, Shape shape, float size) {
  return {.shape = shape,
          .dtype = DType::kF32,
          .read = [seed, size](std::int64_t first, std::span<float> out) {
            for (std::size_t i = 0; i < out.size(); ++i) {
              out[i] = size * value_at(seed, static_cast<std::uint64_t>(first) + i);
            }
          }};
}

std::vector<float> random_values(std::uint64_t seed, std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  random_source(seed, {count}, 1.0f).read(0, values);
  return values;
}

Tensor random_tensor(Backend& backend, std::uint64_t seed, Shape shape) {
  return testing::tensor_of(backend, shape, random_values(seed, shape.elements()));
}

constexpr double kPlain = 2e-6;
constexpr double kWinograd = 4e-6;
constexpr double kBf16 = 3e-3;

using testing::BackendCase;
using testing::relative_rms;
using testing::values_of;

BackendOptions options_of(const BackendCase& of, int threads) {
  return {.name = of.name, .threads = threads, .target = of.target};
}

// Runs one piece of work on both backends and compares what it returns.
class OpsTest : public ::testing::TestWithParam<BackendCase> {
 protected:
  template <typename Work>
  void compare(double tolerance, const Work& work) {
    compare(std::nullopt, tolerance, work);
  }

  template <typename Work>
  void compare(std::optional<ConvAlgorithm> convolution, double tolerance, const Work& work) {
    const auto reference = make_backend({.name = "reference", .threads = 1});
    if (GetParam().target == "bf16") tolerance = kBf16;
    const Tensor result = work(*reference);
    const std::vector<float> expected = values_of(*reference, result);
    for (const int threads : {1, 3}) {
      BackendOptions options = options_of(GetParam(), threads);
      options.cpu.convolution = convolution;
      const auto backend = make_backend(options);
      ASSERT_EQ(backend->target(), GetParam().target);
      const Tensor actual = work(*backend);
      ASSERT_EQ(actual.shape(), result.shape());
      EXPECT_LT(relative_rms(values_of(*backend, actual), expected), tolerance)
          << threads << " threads";
    }
  }

  void compare_linear(std::int64_t rows, const LinearSpec& spec, bool residual) {
    compare(kPlain, [&](Backend& b) {
      const float size = 1.0f / std::sqrt(static_cast<float>(spec.in));
      const auto bias = random_source(2, {spec.out}, 0.5f);
      const auto op = b.linear(spec, random_source(1, {spec.out, spec.in}, size), &bias);
      const Tensor x = random_tensor(b, 3, {1, rows, spec.in});
      const Tensor more = random_tensor(b, 4, {1, rows, op->out_channels()});
      Tensor out(b.arena(), {1, rows, op->out_channels()});
      Epilogue epilogue;
      if (residual) {
        epilogue.residual = more;
        epilogue.scale = 0.2f;
      }
      op->run(x, epilogue, out);
      return out;
    });
  }

  // By every algorithm that the cpu backend has, whichever it would choose.
  void compare_conv(double tolerance, const Conv2dSpec& spec, Shape in, bool extras) {
    for (const ConvAlgorithm algorithm :
         {ConvAlgorithm::kDirect, ConvAlgorithm::kWinograd2, ConvAlgorithm::kWinograd4}) {
      SCOPED_TRACE(name_of(algorithm));
      compare_conv_by(algorithm, tolerance, spec, in, extras);
    }
  }

  void compare_conv_by(ConvAlgorithm algorithm, double tolerance, const Conv2dSpec& spec, Shape in,
                       bool extras) {
    compare(algorithm, tolerance, [&](Backend& b) {
      const float size = 1.0f / std::sqrt(static_cast<float>(spec.in * spec.kernel * spec.kernel));
      const auto bias = random_source(2, {spec.out}, 0.5f);
      const auto op = b.conv2d(
          spec, random_source(1, {spec.out, spec.in, spec.kernel, spec.kernel}, size), &bias);
      const Tensor x = random_tensor(b, 3, {in[0], in[1], in[2], spec.in});
      const int zoom = spec.upsample ? 2 : 1, padding = spec.pad_before + spec.pad_after;
      const Shape shape{in[0], conv_size(in[1] * zoom, spec.kernel, spec.stride, padding),
                        conv_size(in[2] * zoom, spec.kernel, spec.stride, padding), spec.out};
      const Tensor per_picture = random_tensor(b, 5, {in[0], spec.out});
      const Tensor more = random_tensor(b, 6, shape);
      Tensor out(b.arena(), shape);
      Epilogue epilogue;
      if (extras) {
        epilogue.per_picture = per_picture;
        epilogue.residual = more;
      }
      op->run(x, epilogue, out);
      return out;
    });
  }
};

TEST_P(OpsTest, LinearIsAMatrixProduct) {
  for (const std::int64_t rows : {1, 2, 7, 13, 77, 200}) {
    compare_linear(rows, {.in = 37, .out = 50}, false);
  }
  compare_linear(500, {.in = 1280, .out = 96}, true);
  compare_linear(16, {.in = 5120, .out = 33}, true);
  compare_linear(5, {.in = 4099, .out = 41}, false);  // a row of weights is packed in two pieces
  compare_linear(3, {.in = 1, .out = 1}, false);
  compare_linear(63217, {.in = 2, .out = 3}, false);  // shared out, the last share would be empty
}

TEST_P(OpsTest, LinearAppliesItsActivation) {
  for (const Activation activation :
       {Activation::kSilu, Activation::kGelu, Activation::kGeglu, Activation::kLeakyRelu,
        Activation::kQuickGelu, Activation::kRelu}) {
    compare_linear(29, {.in = 64, .out = 72, .activation = activation}, true);
    compare_linear(9, {.in = 4102, .out = 6, .activation = activation}, false);
  }
}

TEST_P(OpsTest, DirectConvolutionPadsStridesAndEnlarges) {
  compare_conv(kPlain, {.in = 4, .out = 40}, {2, 9, 7}, true);
  compare_conv(kPlain, {.in = 24, .out = 3, .kernel = 1, .pad_before = 0, .pad_after = 0},
               {2, 5, 6}, false);
  compare_conv(kPlain, {.in = 40, .out = 40, .stride = 2}, {2, 8, 8}, false);
  compare_conv(kPlain, {.in = 40, .out = 20, .stride = 2, .pad_before = 0, .pad_after = 1},
               {1, 10, 8}, false);
  compare_conv(kPlain, {.in = 8, .out = 8, .upsample = true}, {2, 3, 5}, false);
  compare_conv(kPlain, {.in = 461, .out = 34}, {1, 3, 2},
               false);  // 4149 terms: two pieces, cut inside a channel
}

TEST_P(OpsTest, WinogradConvolutionEqualsTheDirectOne) {
  compare_conv(kWinograd, {.in = 64, .out = 64}, {2, 8, 8}, true);
  compare_conv(kWinograd, {.in = 50, .out = 37}, {3, 6, 11}, true);
  compare_conv(kWinograd, {.in = 320, .out = 48}, {1, 16, 16}, false);
  compare_conv(kWinograd, {.in = 32, .out = 32, .upsample = true}, {2, 5, 4}, false);
  compare_conv(kWinograd, {.in = 33, .out = 100, .activation = Activation::kLeakyRelu}, {1, 1, 1},
               false);
  compare_conv(kWinograd, {.in = 16, .out = 16}, {1, 70, 66}, false);
}

TEST_P(OpsTest, GroupNormNormalisesEachPictureAlone) {
  for (const Activation activation : {Activation::kNone, Activation::kSilu}) {
    compare(kPlain, [&](Backend& b) {
      const Tensor x = random_tensor(b, 1, {3, 9, 15, 96});
      Tensor out(b.arena(), x.shape());
      b.group_norm({.groups = 32, .eps = 1e-5f, .activation = activation},
                   random_source(2, {96}, 1.0f), random_source(3, {96}, 1.0f))
          ->run(x, out);
      return out;
    });
  }
}

TEST_P(OpsTest, LayerNormNormalisesEachRow) {
  for (const std::int64_t channels : {5, 32, 100}) {
    compare(kPlain, [&](Backend& b) {
      const Tensor x = random_tensor(b, 1, {2, 77, channels});
      Tensor out(b.arena(), x.shape());
      b.layer_norm({.eps = 1e-5f}, random_source(2, {channels}, 1.0f),
                   random_source(3, {channels}, 1.0f))
          ->run(x, out);
      return out;
    });
  }
}

TEST_P(OpsTest, AttentionWeighsValuesBySimilarity) {
  struct Case {
    std::int64_t queries, keys, heads, depth;
  };
  for (const Case c : {Case{64, 64, 8, 40}, Case{100, 77, 2, 64}, Case{7, 1, 1, 5},
                       Case{60, 600, 1, 520}, Case{1100, 1100, 2, 4}, Case{100, 4096, 1, 40},
                       Case{9, 4100, 2, 40}, Case{60, 6200, 1, 70}}) {
    compare(kPlain, [&](Backend& b) {
      const std::int64_t channels = c.heads * c.depth;
      const Tensor q = random_tensor(b, 1, {2, c.queries, channels});
      const Tensor kv = random_tensor(b, 2, {2, c.keys, 2 * channels});
      Tensor out(b.arena(), q.shape());
      b.attend(q, channels_of(ConstView(kv), 0, channels),
               channels_of(ConstView(kv), channels, channels), {.heads = static_cast<int>(c.heads)},
               out);
      return out;
    });
  }
}

TEST_P(OpsTest, CausalAttentionSeesNoLaterKeys) {
  struct Case {
    std::int64_t tokens, heads, depth;
  };
  for (const Case c :
       {Case{1, 2, 6}, Case{77, 12, 64}, Case{130, 2, 20}, Case{700, 1, 5}, Case{4200, 1, 4}}) {
    compare(kPlain, [&](Backend& b) {
      const std::int64_t channels = c.heads * c.depth;
      const Tensor qkv = random_tensor(b, 1, {2, c.tokens, 3 * channels});
      const auto part = [&](int i) { return channels_of(ConstView(qkv), i * channels, channels); };
      Tensor out(b.arena(), {2, c.tokens, channels});
      b.attend(part(0), part(1), part(2), {.heads = static_cast<int>(c.heads), .causal = true},
               out);
      return out;
    });
  }
}

// Two pictures of queries that stand for six, each of which attends to one of three contexts.
TEST_P(OpsTest, EachPictureOfABatchAttendsToItsOwnKeys) {
  compare(kPlain, [](Backend& b) {
    constexpr int kHeads = 2;
    std::vector<std::unique_ptr<KeyValues>> contexts;
    for (const std::uint64_t seed : {11, 12, 13}) {
      contexts.push_back(b.prepare_keys(random_tensor(b, seed, {1, 77, 80}),
                                        random_tensor(b, seed + 10, {1, 77, 80}), kHeads));
      EXPECT_EQ(contexts.back()->length(), 77);
    }
    std::vector<const KeyValues*> keys;
    for (const std::size_t context : {2, 0, 1, 1, 0, 2}) keys.push_back(contexts[context].get());
    const Tensor q = random_tensor(b, 1, {2, 50, 80});
    Tensor out(b.arena(), {6, 50, 80});
    b.attend(q, keys, out);
    return out;
  });
}

// One row for all pictures, one for each, and rows that begin again; the residual likewise.
TEST_P(OpsTest, WhatIsAddedMayStandForMorePicturesThanItHas) {
  for (const std::int64_t rows : {1, 3, 6}) {
    for (const std::int64_t pictures : {1, 2, 6}) {
      compare(kWinograd, [&](Backend& b) {
        const auto op =
            b.conv2d({.in = 24, .out = 40}, random_source(1, {40, 24, 3, 3}, 0.1f), nullptr);
        const Tensor time = random_tensor(b, 3, {rows, 60});
        const Tensor more = random_tensor(b, 4, {pictures, 5, 7, 40});
        Tensor out(b.arena(), {6, 5, 7, 40});
        op->run(random_tensor(b, 2, {6, 5, 7, 24}),
                {.per_picture = channels_of(ConstView(time), 9, 40), .residual = more}, out);
        return out;
      });
      compare(kPlain, [&](Backend& b) {
        const auto op = b.linear({.in = 24, .out = 40}, random_source(1, {40, 24}, 0.1f), nullptr);
        const Tensor time = random_tensor(b, 3, {rows, 40});
        const Tensor more = random_tensor(b, 4, {pictures, 35, 40});
        Tensor out(b.arena(), {6, 35, 40});
        op->run(random_tensor(b, 2, {6, 35, 24}), {.per_picture = time, .residual = more}, out);
        return out;
      });
    }
  }
}

TEST_P(OpsTest, ActivationsAreAccurateOverTheirRange) {
  for (const Activation activation : {Activation::kSilu, Activation::kGelu, Activation::kLeakyRelu,
                                      Activation::kQuickGelu, Activation::kRelu}) {
    compare(kPlain, [&](Backend& b) {
      std::vector<float> values;
      for (int i = 0; i <= 4000; ++i) values.push_back(static_cast<float>(i - 2000) * 0.01f);
      Tensor x = testing::tensor_of(b, {1, 1, 4001}, values);
      b.activate(activation, x, x);
      return x;
    });
  }
}

TEST_P(OpsTest, PreluAndCopyWorkOnSlices) {
  compare(kPlain, [](Backend& b) {
    const Tensor x = random_tensor(b, 1, {2, 3, 3, 21});
    Tensor out = random_tensor(b, 2, {2, 3, 3, 40});
    b.prelu(random_source(3, {21}, 1.0f))->run(x, channels_of(View(out), 4, 21));
    b.copy(channels_of(ConstView(x), 2, 5), channels_of(View(out), 30, 5));
    return out;
  });
}

TEST_P(OpsTest, AddScaledWorksOnSlicesAndMayWriteOverEither) {
  compare(kPlain, [](Backend& b) {
    const Tensor x = random_tensor(b, 1, {2, 3, 3, 21});
    Tensor out = random_tensor(b, 2, {2, 3, 3, 70});
    const View into = channels_of(View(out), 4, 21), over = channels_of(View(out), 40, 21);
    b.add_scaled(x, 0.2f, ConstView(into), into);
    b.add_scaled(ConstView(over), -3.0f, x, over);
    return out;
  });
}

TEST_P(OpsTest, ACopyRepeatsItselfUntilTheResultIsFull) {
  compare(kPlain, [](Backend& b) {
    const Tensor x = random_tensor(b, 1, {2, 3, 5, 21});
    Tensor out = random_tensor(b, 2, {6, 3, 5, 40});
    b.copy(x, channels_of(View(out), 7, 21));
    return out;
  });
}

TEST_P(OpsTest, RowsAreGatheredInAnyOrder) {
  compare(kPlain, [](Backend& b) {
    const Tensor table = random_tensor(b, 1, {9, 50});
    Tensor out = random_tensor(b, 2, {100, 30});
    std::vector<int> rows;
    for (int i = 0; i < 100; ++i) rows.push_back(i * i % 9);
    b.gather_rows(channels_of(ConstView(table), 13, 22), rows, channels_of(View(out), 5, 22));
    return out;
  });
}

TEST_P(OpsTest, PixelsBecomeChannelsAndChannelsPixels) {
  for (const int factor : {1, 2, 3}) {
    compare(kPlain, [&](Backend& b) {
      const Tensor x = random_tensor(b, 1, {2, 6, 12, 10});
      Tensor deep = random_tensor(b, 2, {2, 6 / factor, 12 / factor, 7 * factor * factor});
      b.pixel_unshuffle(channels_of(ConstView(x), 2, 7), factor, deep);
      return deep;
    });
    compare(kPlain, [&](Backend& b) {
      const Tensor x = random_tensor(b, 1, {2, 3, 5, 7 * factor * factor});
      Tensor wide = random_tensor(b, 2, {2, 3 * factor, 5 * factor, 10});
      b.pixel_shuffle(x, factor, channels_of(View(wide), 2, 7));
      return wide;
    });
    compare(kPlain, [&](Backend& b) {
      const Tensor x = random_tensor(b, 1, {2, 3, 5, 10});
      Tensor sum = random_tensor(b, 2, {2, 3 * factor, 5 * factor, 7});
      b.add_enlarged(channels_of(ConstView(x), 1, 7), factor, sum);
      return sum;
    });
  }
}

// The promises behind "picture k of four equals the one drawn alone" and "any number of threads".
TEST_P(OpsTest, APictureIsComputedAsIfItWereAlone) {
  const auto one = make_backend(options_of(GetParam(), 1));
  const auto three = make_backend(options_of(GetParam(), 3));
  const Conv2dSpec spec{.in = 48, .out = 70};
  const auto weight = random_source(1, {70, 48, 3, 3}, 0.1f);
  const Tensor batch = random_tensor(*one, 2, {5, 9, 10, 48});
  const Tensor same = random_tensor(*three, 2, {5, 9, 10, 48});
  const auto conv_one = one->conv2d(spec, weight, nullptr);
  const auto conv_three = three->conv2d(spec, weight, nullptr);
  const auto linear = one->linear({.in = 48, .out = 70}, random_source(4, {70, 48}, 0.1f), nullptr);
  Tensor together(three->arena(), {5, 9, 10, 70}), alone(one->arena(), {1, 9, 10, 70});
  Tensor rows(one->arena(), {5, 9, 10, 70}), row(one->arena(), {1, 9, 10, 70});
  conv_three->run(same, {}, together);
  linear->run(batch, {}, rows);
  for (std::int64_t b = 0; b < 5; ++b) {
    const ConstView picture(batch.address() + b * 90 * 48, {1, 9, 10, 48}, 48);
    conv_one->run(picture, {}, alone);
    linear->run(picture, {}, row);
    const auto part = [b](const Tensor& t) {
      return ConstView(t.address() + b * 90 * 70, {1, 9, 10, 70}, 70);
    };
    EXPECT_EQ(values_of(*one, alone), values_of(*three, part(together))) << b;
    EXPECT_EQ(values_of(*one, row), values_of(*one, part(rows))) << b;
  }
}

// The cpu backend alone: oneDNN keeps weights as it multiplies them.
class CpuOpsTest : public OpsTest {};

TEST_P(CpuOpsTest, HalfPrecisionWeightsTakeHalfTheMemoryAndRoundOnce) {
  const auto full = make_backend(options_of(GetParam(), 1));
  BackendOptions options = options_of(GetParam(), 1);
  options.precision = Precision::kF16;
  const auto half = make_backend(options);
  // Weights that float16 holds exactly give the same result to the bit.
  TensorSource exact = random_source(1, {64, 128}, 1.0f);
  exact.read = [](std::int64_t first, std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = half_to_float(float_to_half(value_at(1, static_cast<std::uint64_t>(first) + i)));
    }
  };
  const auto a = full->linear({.in = 128, .out = 64}, exact, nullptr);
  const auto b = half->linear({.in = 128, .out = 64}, exact, nullptr);
  EXPECT_EQ(a->bytes(), 2 * b->bytes());
  const Tensor x = random_tensor(*full, 2, {1, 20, 128});
  Tensor ya(full->arena(), {1, 20, 64}), yb(half->arena(), {1, 20, 64});
  a->run(x, {}, ya);
  b->run(x, {}, yb);
  EXPECT_EQ(values_of(*full, ya), values_of(*half, yb));
}

std::vector<BackendCase> cpu_backends() {
  std::vector<BackendCase> cases;
  for (const std::string& target : cpu_targets()) cases.push_back({"cpu", target});
  return cases;
}

std::vector<BackendCase> compared_backends() {
  std::vector<BackendCase> cases = cpu_backends();
  for (const std::string& target : onednn_targets()) cases.push_back({"onednn", target});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Backends, CpuOpsTest, ::testing::ValuesIn(cpu_backends()),
                         testing::backend_case_name);
INSTANTIATE_TEST_SUITE_P(Backends, OpsTest, ::testing::ValuesIn(compared_backends()),
                         testing::backend_case_name);

// The ways in and out, on every backend, the reference among them.
class TransferTest : public ::testing::TestWithParam<BackendCase> {};

TEST_P(TransferTest, ValuesComeBackAsTheyWentInLikePixelsAndLikePlanes) {
  const auto backend = GetParam().make();
  const std::vector<float> values = random_values(1, 2 * 3 * 5 * 4);
  Tensor wide(backend->arena(), {2, 3, 5, 9});
  const View middle = channels_of(View(wide), 2, 4);
  for (const Layout layout : {Layout::kPixels, Layout::kPlanes}) {
    backend->upload(values, layout, middle);
    std::vector<float> back(values.size());
    backend->download(middle, layout, back);
    EXPECT_EQ(back, values);
  }
  // [B, C, H, W]: pixel (2, 1) of channel 3 of the second picture.
  const std::vector<float> pixels = values_of(*backend, middle);
  EXPECT_EQ(pixels[((3 + 2) * 5 + 1) * 4 + 3], values[((4 + 3) * 3 + 2) * 5 + 1]);
}

INSTANTIATE_TEST_SUITE_P(Backends, TransferTest, ::testing::ValuesIn(testing::all_backends()),
                         testing::backend_case_name);

// The processor's cache decides how much is worked on at a time, and nothing else.
TEST(BackendTest, AnyCacheGivesTheSameBytes) {
  std::vector<std::vector<float>> results;
  for (const std::int64_t bytes :
       {std::int64_t{128} << 10, std::int64_t{1} << 20, std::int64_t{4} << 20}) {
    BackendOptions options{.name = "cpu", .threads = 2};
    options.cpu.second_level_cache = bytes;
    const auto backend = make_backend(options);
    const auto linear =
        backend->linear({.in = 1300, .out = 70}, random_source(1, {70, 1300}, 0.03f), nullptr);
    const auto conv =
        backend->conv2d({.in = 70, .out = 40}, random_source(2, {40, 70, 3, 3}, 0.1f), nullptr);
    Tensor rows(backend->arena(), {1, 300, 70}), attended(backend->arena(), {1, 300, 70});
    linear->run(random_tensor(*backend, 3, {1, 300, 1300}), {}, rows);
    const Tensor keys = random_tensor(*backend, 4, {1, 4200, 70});
    backend->attend(rows, keys, keys, {.heads = 2}, attended);
    Tensor picture(backend->arena(), {1, 60, 60, 40});
    conv->run(random_tensor(*backend, 5, {1, 60, 60, 70}), {}, picture);
    std::vector<float> all = values_of(*backend, attended);
    const std::vector<float> more = values_of(*backend, picture);
    all.insert(all.end(), more.begin(), more.end());
    results.push_back(std::move(all));
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[1], results[2]);
}

TEST(BackendTest, SaysWhatItRoundsWeightsTo) {
  const auto facts = [](BackendOptions options) { return make_backend(options)->facts(); };
  EXPECT_EQ(facts({.name = "cpu"}).precision, "fp32");
  EXPECT_EQ(facts({.name = "cpu"}).bytes_per_weight, 4);
  EXPECT_EQ(facts({.name = "cpu", .precision = Precision::kF16}).precision, "fp16");
  EXPECT_EQ(facts({.name = "cpu", .precision = Precision::kF16}).bytes_per_weight, 2);
  // It keeps weights as they are, whatever it is asked for.
  EXPECT_EQ(facts({.name = "reference", .precision = Precision::kF16}).bytes_per_weight, 4);
  for (const std::string& target : onednn_targets()) {
    const BackendFacts onednn = facts({.name = "onednn", .target = target});
    EXPECT_EQ(onednn.precision, target == "bf16" ? "bf16" : "fp32");
    EXPECT_EQ(onednn.bytes_per_weight, target == "bf16" ? 2 : 4);
  }
}

TEST(BackendTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(make_backend({.name = "gpu"}), Error);
  EXPECT_THROW(make_backend({.name = "cpu", .target = "AVX9000"}), Error);
}

}  // namespace
}  // namespace easel
