#include <gmock/gmock.h>

#include "builders.h"
#include "support.h"
#include "weights/formats/hugging_face_folder.h"

namespace easel {
namespace {

using test::TemporaryFolder;
using test::to_bytes;
using test::values_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> one_tensor(const std::string& name) {
  return to_bytes(test::safetensors_file(
      "{\"" + name + R"(":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",
      test::four_floats()));
}

TEST(ShardedSafetensors, areReadAsOne) {
  TemporaryFolder folder;
  folder.write("model-1.safetensors", one_tensor("a"));
  folder.write("model-2.safetensors", one_tensor("b"));
  const auto index = folder.write(
      "model.safetensors.index.json",
      to_bytes(R"({"metadata":{"total_size":32},)"
               R"("weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}})"));
  for (const auto& path : {index, folder.path()}) {
    const Weights weights = open_model_weights(path, {});
    ASSERT_EQ(weights.entries().size(), 2u);
    EXPECT_THAT(values_of(weights, "a"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(values_of(weights, "b"), ElementsAre(1, 2, 3, 4));
  }
}

TEST(ShardedSafetensors, withATensorInNoShardAreRefused) {
  TemporaryFolder folder;
  folder.write("s.safetensors", one_tensor("a"));
  const auto index =
      folder.write("model.safetensors.index.json",
                   to_bytes(R"({"weight_map":{"a":"s.safetensors","b":"s.safetensors"}})"));
  EXPECT_THROW(open_weights(index), Error);
}

TEST(ShardedSafetensors, leaveOutWhatTheIndexDoesNotName) {
  TemporaryFolder folder;
  folder.write("s.safetensors", to_bytes(test::safetensors_file(
                                    R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                    R"("b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
                                    test::four_floats())));
  const auto index = folder.write("i.json", to_bytes(R"({"weight_map":{"b":"s.safetensors"}})"));
  const Weights weights = open_weights(index);
  ASSERT_EQ(weights.entries().size(), 1u);
  EXPECT_THAT(values_of(weights, "b"), ElementsAre(3, 4));
  EXPECT_THAT(weights.notes(), ElementsAre(HasSubstr("1 tensors of 's.safetensors'")));
}

TEST(ModelFolder, prefersTheUsualNames) {
  TemporaryFolder folder;
  folder.write("other.safetensors", one_tensor("other"));
  folder.write("model.safetensors", one_tensor("usual"));
  EXPECT_TRUE(open_model_weights(folder.path(), {}).contains("usual"));
}

TEST(ModelFolder, takesTheOnlyCheckpoint) {
  TemporaryFolder folder;
  folder.write("readme.txt", to_bytes("hello"));
  folder.write(
      "last.ckpt",
      to_bytes(test::zip_checkpoint(test::pickle::dict({{"t", test::pickle::tensor({})}}))));
  EXPECT_TRUE(open_model_weights(folder.path(), {}).contains("t"));
}

TEST(ModelFolder, asksWhichOfSeveral) {
  TemporaryFolder folder;
  folder.write("a.ckpt", one_tensor("a"));
  folder.write("b.ckpt", one_tensor("b"));
  try {
    open_model_weights(folder.path(), {});
    FAIL() << "one was chosen";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("2 .ckpt files"));
  }
}

TEST(ModelFolder, withoutAModelSaysWhatItWants) {
  TemporaryFolder folder;
  try {
    open_model_weights(folder.path(), {});
    FAIL() << "it was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("holds no model"));
  }
}

TEST(FileNames, doNotDecideTheFormat) {
  TemporaryFolder folder;
  const auto archive =
      to_bytes(test::zip_checkpoint(test::pickle::dict({{"t", test::pickle::tensor({})}})));
  EXPECT_EQ(open_weights(folder.write("a.safetensors", archive)).format(),
            WeightsFormat::kTorchZip);
  EXPECT_EQ(open_weights(folder.write("b.ckpt", one_tensor("t"))).format(),
            WeightsFormat::kSafetensors);
  EXPECT_EQ(
      open_weights(folder.write("c.bin", to_bytes(test::legacy_checkpoint(
                                             test::pickle::dict({{"t", test::pickle::tensor({})}}),
                                             {{"0", 4, test::four_floats()}}))))
          .format(),
      WeightsFormat::kTorchLegacy);
}

}  // namespace
}  // namespace easel
