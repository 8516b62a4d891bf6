// Matrices in 8 bits: what they round to, what a backend makes of them, and what pictures become.

#include "weights/changes/eight_bits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models.h"
#include "support/compare.h"
#include "support/errors.h"
#include "support/temporary_folder.h"
#include "support/tensors.h"
#include "weights/formats/safetensors_writer.h"
#include "weights/random_weights.h"

namespace easel {
namespace {

using ::testing::HasSubstr;

Weights one_matrix(const std::string& name, const Shape& shape) {
  const NamedShape tensor{name, shape};
  return make_random_weights({&tensor, 1}, 3);
}

std::vector<float> values_of(const TensorSource& source) {
  std::vector<float> values(static_cast<std::size_t>(source.shape.elements()));
  source.read(0, values);
  return values;
}

TEST(EightBits, RoundEachBlockToWholeNumbersOfItsScale) {
  std::vector<float> row(40);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = 0.01f * static_cast<float>(i) - 0.2f;
  std::vector<std::int8_t> values(row.size());
  std::vector<std::uint16_t> scales(2);
  to_eight_bits(row, 1, values, scales);
  EXPECT_EQ(values[0], -127);  // the block's largest
  EXPECT_EQ(values[39], 127);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const float scale = half_to_float(scales[i / 32]);
    EXPECT_NEAR(static_cast<float>(values[i]) * scale, row[i], 0.51f * scale);
  }
}

TEST(EightBits, OfAConvolutionShareAScaleByTap) {
  std::vector<float> row(32 * 9, 0.0f);
  for (std::size_t c = 0; c < 32; ++c) row[c * 9 + 4] = 1;  // the middle tap alone
  std::vector<std::int8_t> values(row.size());
  std::vector<std::uint16_t> scales(9);
  to_eight_bits(row, 9, values, scales);
  for (std::size_t tap = 0; tap < 9; ++tap) {
    EXPECT_EQ(values[tap], tap == 4 ? 127 : 0);
    EXPECT_EQ(half_to_float(scales[tap]) > 0.001f, tap == 4);
  }
}

TEST(EightBits, ChangeNothingTheSecondTime) {
  const std::string name = "model.diffusion_model.middle_block.0.in_layers.2.weight";
  const Weights once = in_eight_bits(one_matrix(name, {24, 70, 3, 3}));
  Weights::Entries entries = once.entries();
  entries.at(name).source.dtype = DType::kF32;  // as if nobody had said it
  const Weights twice = in_eight_bits(Weights(WeightsFormat::kMemory, std::move(entries)));
  EXPECT_EQ(values_of(once.find(name)->source), values_of(twice.find(name)->source));
}

TEST(EightBits, AreReadAlikeInAnyPieces) {
  const std::string name = "model.diffusion_model.x.weight";
  const TensorSource source = in_eight_bits(one_matrix(name, {5, 70, 3, 3})).find(name)->source;
  const std::vector<float> whole = values_of(source);
  std::vector<float> part(1000);
  source.read(601, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 601));
}

TEST(EightBits, AreForTheMatricesOfTextEncoderAndDenoiser) {
  const Shape matrix{64, 64};
  for (const char* name : {"model.diffusion_model.middle_block.1.proj_in.weight",
                           "text_encoder.text_model.encoder.layers.0.mlp.fc1.weight"}) {
    EXPECT_TRUE(may_be_in_eight_bits(name, matrix)) << name;
  }
  for (const char* name :
       {"first_stage_model.decoder.mid.attn_1.q.weight", "taesd.1.weight",
        "model.diffusion_model.input_blocks.0.0.weight", "model.diffusion_model.out.2.weight",
        "text_encoder.text_model.embeddings.token_embedding.weight",
        "cond_stage_model.transformer.token_emb.weight", "model.diffusion_model.x.bias"}) {
    EXPECT_FALSE(may_be_in_eight_bits(name, matrix)) << name;
  }
  EXPECT_FALSE(may_be_in_eight_bits("model.diffusion_model.norm.weight", {64}));
}

TEST(EightBits, RefuseWhatIsNoNumber) {
  Weights::Entries entries;
  TensorSource source{.shape = {2, 4}};
  source.read = [](std::int64_t, std::span<float> out) { std::ranges::fill(out, NAN); };
  entries.emplace("model.diffusion_model.x.weight", Weights::Entry{.source = source});
  const Weights weights = in_eight_bits(Weights(WeightsFormat::kMemory, std::move(entries)));
  EXPECT_THAT(
      testing::message_of(ErrorCode::kInvalidFile,
                          [&] { values_of(weights.entries().begin()->second.source); }),
      HasSubstr("'model.diffusion_model.x.weight' in the model's file holds values that are no"));
}

/// A file as `convert --precision q8` writes it.
void write_eight_bits(const std::filesystem::path& file, const Weights& weights) {
  std::vector<TensorToWrite> tensors;
  for (const auto& [name, entry] : weights.entries()) {
    EightBitTensors two = eight_bit_tensors(entry);
    tensors.push_back({name, std::move(two.values), DType::kI8});
    tensors.push_back({name + kScalesOfEightBits, std::move(two.scales), DType::kF16});
  }
  write_safetensors(file, tensors, {.metadata = {{kMarkOfEightBits, "1"}}});
}

TEST(EightBits, OfAFileReadAsThoseMadeInMemory) {
  const testing::TemporaryFolder folder;
  const std::string name = "model.diffusion_model.x.weight";
  for (const Shape& shape : {Shape{7, 70}, Shape{7, 70, 3, 3}}) {
    const Weights weights = one_matrix(name, shape);
    const std::filesystem::path file = folder.path() / (shape.rank() == 2 ? "a" : "b");
    write_eight_bits(file, weights);
    const Weights opened = with_eight_bits_of_file(open_weights(file));
    ASSERT_EQ(opened.entries().size(), 1u);
    EXPECT_EQ(opened.find(name)->source.dtype, DType::kI8);
    EXPECT_EQ(values_of(opened.find(name)->source),
              values_of(in_eight_bits(weights).find(name)->source));
  }
}

class EightBitOps : public ::testing::TestWithParam<testing::BackendCase> {
 protected:
  // What an operation makes of a matrix in 8 bits, and of the floats that this reads as.
  template <typename Make>
  void compare(const Shape& shape, const Shape& in, const Shape& out, const Make& make) {
    const auto backend = GetParam().make();
    const std::string name = "model.diffusion_model.x.weight";
    TensorSource narrow = in_eight_bits(one_matrix(name, shape)).find(name)->source;
    TensorSource wide = narrow;
    wide.dtype = DType::kF32;
    std::vector<float> values(static_cast<std::size_t>(in.elements()));
    make_random_source({"x", in}, 5).read(0, values);
    const Tensor x = testing::tensor_of(*backend, in, values);
    Tensor a(backend->arena(), out), b(backend->arena(), out);
    const auto small = make(*backend, narrow);
    const auto large = make(*backend, wide);
    small->run(x, {}, a);
    large->run(x, {}, b);
    EXPECT_EQ(testing::values_of(*backend, a), testing::values_of(*backend, b));
    EXPECT_LE(small->bytes() * 100, large->bytes() * 30);
  }
};

TEST_P(EightBitOps, AreTheFloatsTheyReadAsInLessThanAThirdOfTheMemory) {
  for (const std::int64_t in : {64, 70, 1090}) {
    SCOPED_TRACE(in);
    compare({70, in}, {1, 33, in}, {1, 33, 70}, [&](Backend& backend, const TensorSource& weight) {
      return backend.linear({.in = in, .out = 70}, weight, nullptr);
    });
    compare({70, in, 3, 3}, {1, 9, 10, in}, {1, 9, 10, 70},
            [&](Backend& backend, const TensorSource& weight) {
              return backend.conv2d({.in = in, .out = 70}, weight, nullptr);
            });
  }
}

std::vector<testing::BackendCase> cpus() {
  std::vector<testing::BackendCase> cases;
  for (const std::string& target : cpu_targets()) cases.push_back({"cpu", target});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Cpu, EightBitOps, ::testing::ValuesIn(cpus()), testing::backend_case_name);

}  // namespace
}  // namespace easel
