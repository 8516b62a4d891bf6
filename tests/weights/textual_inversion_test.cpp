#include "weights/textual_inversion.h"

#include <gmock/gmock.h>

#include <limits>

#include "support.h"
#include "support/errors.h"
#include "support/fixture_folder.h"

namespace easel {
namespace {

using ::testing::HasSubstr;

Weights::Entry filled(Shape shape, float value) {
  Weights::Entry entry;
  entry.source.shape = shape;
  entry.source.read = [value](std::int64_t, std::span<float> out) {
    std::ranges::fill(out, value);
  };
  return entry;
}

Weights weights_of(Weights::Entries entries) {
  return Weights(WeightsFormat::kMemory, std::move(entries));
}

TEST(TextualInversion, ReadsTheFormsThatPeopleHave) {
  const auto folder = testing::fixture_file("lora-tiny");
  EASEL_NEEDS_SHARED(folder);
  const auto a1111 = open_textual_inversion(folder / "style-pt.pt");
  EXPECT_EQ(a1111.name, "style-pt");
  EXPECT_EQ(a1111.token, "");
  EXPECT_EQ(a1111.first.count, 2);
  EXPECT_EQ(a1111.first.values.size(), static_cast<std::size_t>(2 * a1111.first.width));
  const auto diffusers = open_textual_inversion(folder / "cat-toy.bin");
  EXPECT_EQ(diffusers.name, "cat-toy");
  EXPECT_EQ(diffusers.token, "<cat-toy>");
  EXPECT_EQ(diffusers.first.count, 1);
  const auto safetensors = open_textual_inversion(folder / "easyneg.safetensors");
  EXPECT_EQ(safetensors.first.count, 3);
  EXPECT_EQ(safetensors.first.values,
            test::values_of(open_weights(folder / "easyneg.safetensors"), "emb_params"));
  check_widths(safetensors, {.first = a1111.first.width});
}

TEST(TextualInversion, OfXlHasVectorsForBothTextEncoders) {
  const auto file = testing::fixture_file("sdxl-tiny/embedding-xl.safetensors");
  EASEL_NEEDS_SHARED(file);
  const auto embedding = open_textual_inversion(file);
  ASSERT_TRUE(embedding.second);
  EXPECT_EQ(embedding.first.count, embedding.second->count);
  check_widths(embedding, {.first = embedding.first.width, .second = embedding.second->width});
}

TEST(TextualInversion, SaysWhichModelsItIsFor) {
  const auto message = [](Weights::Entries entries, const EmbeddingWidths& wanted) {
    const auto embedding = read_textual_inversion(weights_of(std::move(entries)), "style");
    return testing::message_of(ErrorCode::kWrongModel, [&] { check_widths(embedding, wanted); });
  };
  EXPECT_THAT(message({{"emb_params", filled({2, 1024}, 0)}}, {.first = 768}),
              HasSubstr("1024 numbers, as Stable Diffusion 2.x has; the model wants 768, as Stable "
                        "Diffusion 1.x has"));
  EXPECT_THAT(message({{"emb_params", filled({2, 768}, 0)}}, {.first = 768, .second = 1280}),
              HasSubstr("one text encoder, this one has two"));
  EXPECT_THAT(message({{"clip_l", filled({1, 768}, 0)}, {"clip_g", filled({1, 1280}, 0)}}, {}),
              HasSubstr("two text encoders (SDXL), this one has one"));
}

TEST(TextualInversion, RefusesWhatIsNone) {
  const auto message = [](ErrorCode code, Weights::Entries entries) {
    return testing::message_of(
        code, [&] { read_textual_inversion(weights_of(std::move(entries)), "style"); });
  };
  EXPECT_THAT(message(ErrorCode::kWrongModel, {}), HasSubstr("'style' is no textual inversion"));
  EXPECT_THAT(message(ErrorCode::kWrongModel, {{"a", filled({2, 4}, 0)}, {"b", filled({2, 4}, 0)}}),
              HasSubstr("holds 2 tensors"));
  EXPECT_THAT(message(ErrorCode::kWrongModel, {{"string_to_param.*", filled({2, 3, 4}, 0)}}),
              HasSubstr("[vectors, width] is wanted"));
  EXPECT_THAT(message(ErrorCode::kWrongModel, {{"emb_params", filled({2000, 4}, 0)}}),
              HasSubstr("2000"));
  EXPECT_THAT(message(ErrorCode::kInvalidFile,
                      {{"emb_params", filled({1, 4}, std::numeric_limits<float>::quiet_NaN())}}),
              HasSubstr("no numbers"));
  EXPECT_THAT(message(ErrorCode::kInvalidFile,
                      {{"clip_l", filled({1, 4}, 0)}, {"clip_g", filled({2, 4}, 0)}}),
              HasSubstr("1 vectors for one text encoder and 2"));
}

}  // namespace
}  // namespace easel
