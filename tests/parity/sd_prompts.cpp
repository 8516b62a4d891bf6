#include "sd_prompts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "support/compare.h"
#include "support/tensors.h"

namespace easel::parity {
namespace {

using testing::FixtureTensor;
using testing::relative_rms;

struct Sizes {
  Image::Size picture = {};
  ToldSizes told = {};
};

// "original 1024x768 (H, W), crop top 16 left 8, target 512x640"
Sizes sizes_of(const testing::Expected& expected) {
  if (!expected.has_text("sizes")) return {};
  const std::regex form(R"(original (\d+)x(\d+).*crop top (\d+) left (\d+).*target (\d+)x(\d+).*)");
  std::smatch found;
  if (!std::regex_match(expected.text("sizes"), found, form)) {
    throw std::runtime_error("the metadata's sizes are in another form: " + expected.text("sizes"));
  }
  const auto number = [&](std::size_t i) { return std::stoi(found[i]); };
  return {.told = {.original = {.width = number(2), .height = number(1)},
                   .target = {.width = number(6), .height = number(5)},
                   .crop_top = number(3),
                   .crop_left = number(4)}};
}

Told encode(DiffusionParts& parts, const Prompts& prompts) {
  parts.prompts->prepare(prompts);
  return parts.prompts->told(prompts);
}

Prompts plain(const std::string& prompt, int clip_skip = 1) {
  return {.prompt = prompt,
          .negative = "",
          .guided = false,
          .reading = {.syntax = PromptSyntax::kPlain, .clip_skip = clip_skip}};
}

std::span<const float> row(const FixtureTensor& tensor, std::size_t i) {
  const std::size_t size = tensor.values.size() / static_cast<std::size_t>(tensor.shape[0]);
  return std::span(tensor.values).subspan(i * size, size);
}

// As many prompts as `wanted` has rows.
std::vector<std::string> prompts_for(const SdFixture& fixture, const FixtureTensor& wanted) {
  std::vector<std::string> prompts = fixture.networks->texts("prompts");
  EXPECT_LE(wanted.shape[0], std::ssize(prompts));
  prompts.resize(std::min(prompts.size(), static_cast<std::size_t>(wanted.shape[0])));
  return prompts;
}

void compare_prompts(const SdFixture& fixture, const FixtureTensor& wanted, int clip_skip,
                     const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const std::vector<std::string> prompts = prompts_for(fixture, wanted);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const Told told = encode(parts, plain(prompts[i], clip_skip));
    EXPECT_LE(relative_rms(testing::values_of(*parts.backend, told.contexts.front().sequence),
                           row(wanted, i)),
              fixture.networks->tolerance("network"))
        << prompts[i];
  }
}

// `wanted` is the beginning of each vector, or all of it.
void compare_vectors(const SdFixture& fixture, const FixtureTensor& wanted, const Sizes& sizes,
                     const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const std::vector<std::string> prompts = prompts_for(fixture, wanted);
  const auto size = static_cast<std::size_t>(wanted.shape[1]);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    Prompts asked = plain(prompts[i]);
    asked.sizes = sizes.told;
    const Told told = encode(parts, asked);
    const std::vector<float> vector =
        testing::values_of(*parts.backend, told.contexts.front().vector);
    ASSERT_LE(size, vector.size());
    EXPECT_LE(relative_rms(std::span(vector).first(size), row(wanted, i)),
              fixture.networks->tolerance("network"))
        << prompts[i];
  }
}

}  // namespace

void compare_encodings(const SdFixture& fixture, const testing::BackendCase& which) {
  const testing::Expected& expected = *fixture.networks;
  compare_prompts(fixture, expected.at("context"), 1, which);
  if (expected.has("pooled")) compare_first_pooled(fixture, expected.at("pooled"), which);
  if (!expected.has("vector")) return;
  compare_vectors(fixture, expected.at("vector"), sizes_of(expected), which);
}

void compare_first_encodings(const SdFixture& fixture, const FixtureTensor& wanted,
                             const testing::BackendCase& which) {
  compare_prompts(fixture, wanted, 1, which);
}

void compare_first_pooled(const SdFixture& fixture, const FixtureTensor& wanted,
                          const testing::BackendCase& which) {
  compare_vectors(fixture, wanted, {}, which);
}

void compare_clip_skip(const SdFixture& fixture, int skip, const testing::BackendCase& which) {
  compare_prompts(fixture, fixture.networks->at("context.skip" + std::to_string(skip)), skip,
                  which);
}

void compare_a1111_prompt(const SdFixture& fixture, const ReadAsA1111& read,
                          const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which);
  const Prompts asked{
      .prompt = read.prompt, .negative = "", .guided = false, .size = read.size, .reading = {}};
  const Conditioning told = std::move(encode(parts, asked).contexts.front());
  EXPECT_LE(relative_rms(testing::values_of(*parts.backend, told.sequence), read.context.values),
            fixture.expected.tolerance("network"))
      << read.prompt;
  if (read.vector == nullptr) return;
  EXPECT_LE(relative_rms(testing::values_of(*parts.backend, told.vector), read.vector->values),
            fixture.expected.tolerance("network"))
      << read.prompt;
}

}  // namespace easel::parity
