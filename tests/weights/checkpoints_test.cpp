#include <gmock/gmock.h>

#include <cstring>

#include "support.h"
#include "weights/formats/formats.h"
#include "weights/weights.h"

namespace easel {
namespace {

using test::fixtures;
using test::values_of;
using ::testing::Contains;
using ::testing::HasSubstr;

std::filesystem::path checkpoint(const std::string& name) {
  return fixtures() / "checkpoints" / name;
}

// Every tensor of expected.safetensors, bit for bit, and no other.
void expect_expected_tensors(const Weights& weights) {
  const Weights expected = open_weights(checkpoint("expected.safetensors"));
  ASSERT_EQ(weights.entries().size(), expected.entries().size());
  for (const auto& [name, entry] : expected.entries()) {
    SCOPED_TRACE(name);
    ASSERT_NE(weights.find(name), nullptr);
    EXPECT_EQ(weights.find(name)->source.shape, entry.source.shape);
    const std::vector<float> seen = values_of(weights, name);
    const std::vector<float> wanted = values_of(expected, name);
    ASSERT_EQ(seen.size(), wanted.size());
    if (seen.empty()) continue;
    EXPECT_EQ(std::memcmp(seen.data(), wanted.data(), seen.size() * sizeof(float)), 0);
  }
}

TEST(TorchZip, readsEveryTypeViewAndParameter) {
  const Weights weights = open_weights(checkpoint("zip.pt"));
  EXPECT_EQ(weights.format(), WeightsFormat::kTorchZip);
  EXPECT_TRUE(weights.details().has_pickle);
  EXPECT_EQ(weights.find("f64")->source.dtype, DType::kF64);
  EXPECT_EQ(weights.find("bool")->source.dtype, DType::kBool);
  EXPECT_EQ(weights.find("view")->bytes, 24);
  expect_expected_tensors(weights);
}

TEST(TorchZip, readsPickleProtocol4) {
  expect_expected_tensors(open_weights(checkpoint("zip-protocol4.pt")));
}

TEST(TorchLegacy, readsEveryTypeViewAndParameter) {
  const Weights weights = open_weights(checkpoint("legacy.pt"));
  EXPECT_EQ(weights.format(), WeightsFormat::kTorchLegacy);
  expect_expected_tensors(weights);
}

TEST(TorchZip, entersTheStateDictOfATrainingCheckpoint) {
  const Weights weights = open_weights(checkpoint("lightning-like.pt"));
  expect_expected_tensors(weights);
  EXPECT_GT(weights.details().opaque_values, 0);
  EXPECT_THAT(weights.details().foreign_names, Contains("__builtin__.set"));
}

TEST(TorchZip, readsAStateDictWithMetadata) {
  const Weights weights = open_weights(checkpoint("state_dict-metadata.pt"));
  EXPECT_EQ(weights.entries().size(), 2u);
  EXPECT_EQ(weights.find("0.weight")->source.shape, (Shape{2, 3}));
}

TEST(TorchZip, readsTheTensorsOfAWholeModule) {
  const Weights weights = open_weights(checkpoint("whole-module.pt"));
  EXPECT_EQ(weights.entries().size(), 2u);
  EXPECT_EQ(weights.find("0.weight")->source.shape, (Shape{2, 3}));
  EXPECT_EQ(weights.find("0.bias")->source.shape, (Shape{2}));
  EXPECT_THAT(weights.notes(), Contains(HasSubstr("Sequential")));
}

TEST(MaliciousPickle, staysInertAndItsTensorsAreRead) {
  const std::filesystem::path pwned = std::filesystem::temp_directory_path() / "easel-pwned";
  ASSERT_FALSE(std::filesystem::exists(pwned));
  const Weights weights = open_weights(checkpoint("malicious-os-system.pt"));
  EXPECT_EQ(weights.entries().size(), 1u);
  EXPECT_EQ(values_of(weights, "w").size(), 2u);
  EXPECT_THAT(weights.details().foreign_names, Contains("posix.system"));
  EXPECT_FALSE(std::filesystem::exists(pwned));
}

TEST(MaliciousPickle, thatIsNotACheckpointIsRefused) {
  const std::filesystem::path pwned = std::filesystem::temp_directory_path() / "easel-pwned";
  try {
    open_weights(checkpoint("malicious-eval.pkl"));
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("not one that torch.save wrote"));
  }
  EXPECT_FALSE(std::filesystem::exists(pwned));
}

TEST(EsrganFiles, enterTheAveragedWeights) {
  const Weights weights = open_weights(fixtures() / "esrgan-mini/realesrgan_x4.pth");
  const std::vector<float> values = values_of(weights, "conv_first.weight");
  EXPECT_NE(values[0], 0.0f);  // 'params' holds zeros
  EXPECT_THAT(weights.notes(), Contains(HasSubstr("params_ema")));
}

}  // namespace
}  // namespace easel
