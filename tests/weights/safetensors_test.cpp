#include <gmock/gmock.h>

#include "support.h"
#include "weights/formats/formats.h"
#include "weights/weights.h"

namespace easel {
namespace {

using test::fixtures;
using test::values_of;
using ::testing::ElementsAre;

std::vector<std::byte> safetensors(std::string header, std::string_view data) {
  std::string file(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  return test::to_bytes(file + header + std::string(data));
}

TEST(Safetensors, readsShapesTypesAndValues) {
  const float values[] = {1.5f, -2.0f, 3.0f, 4.0f};
  const std::string data(reinterpret_cast<const char*>(values), sizeof(values));
  const auto file = File::in_memory(
      "x", safetensors(R"({"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[],)"
                       R"("data_offsets":[12,16]},"a":{"dtype":"F32","shape":[3,1],)"
                       R"("data_offsets":[0,12]},"e":{"dtype":"I64","shape":[0,4],)"
                       R"("data_offsets":[16,16]}}   )",
                       data));
  const Weights weights = read_safetensors(file);
  EXPECT_EQ(weights.entries().size(), 3u);
  EXPECT_THAT(values_of(weights, "a"), ElementsAre(1.5f, -2.0f, 3.0f));
  EXPECT_THAT(values_of(weights, "b"), ElementsAre(4.0f));
  EXPECT_EQ(weights.find("a")->source.shape, (Shape{3, 1}));
  EXPECT_EQ(weights.find("e")->source.dtype, DType::kI64);
  EXPECT_EQ(weights.find("e")->bytes, 0);
  EXPECT_EQ(weights.details().metadata.at("k"), "v");
}

TEST(Safetensors, readsAnyRangeOfATensor) {
  const Weights weights = open_weights(fixtures() / "rng/torch-cpu-randn.safetensors");
  for (const auto& [name, entry] : weights.entries()) {
    const std::vector<float> all = values_of(weights, name);
    std::vector<float> part(all.size() / 2);
    entry.source.read(static_cast<std::int64_t>(all.size() / 3), part);
    for (std::size_t i = 0; i < part.size(); ++i) ASSERT_EQ(part[i], all[all.size() / 3 + i]);
  }
}

}  // namespace
}  // namespace easel
