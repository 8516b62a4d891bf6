#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "support.h"
#include "weights/formats/describe.h"
#include "weights/formats/safetensors_writer.h"
#include "weights/random_weights.h"
#include "weights/weights.h"

namespace easel {
namespace {

using test::fixtures;
using test::stored_values_of;
using test::TemporaryFolder;
using test::values_of;

std::vector<TensorToWrite> all_of(const Weights& weights) {
  std::vector<TensorToWrite> tensors;
  for (const auto& [name, entry] : weights.entries()) {
    tensors.push_back({.name = name, .entry = entry, .dtype = entry.source.dtype});
  }
  return tensors;
}

Weights weights_with(std::vector<float> values) {
  Weights::Entry entry;
  entry.source.shape = {static_cast<std::int64_t>(values.size())};
  entry.source.read = [values](std::int64_t first, std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = values[static_cast<std::size_t>(first) + i];
  };
  Weights::Entries entries;
  entries["x"] = std::move(entry);
  return Weights(WeightsFormat::kMemory, std::move(entries));
}

std::size_t files_in(const std::filesystem::path& folder) {
  const auto begin = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

TEST(SafetensorsWriter, keepsEveryTypeExactly) {
  const Weights weights = open_weights(fixtures() / "checkpoints/zip.pt");
  TemporaryFolder folder;
  const auto path = folder.path() / "out.safetensors";
  const auto report = write_safetensors(path, all_of(weights), {.metadata = {{"made", "here"}}});
  EXPECT_EQ(static_cast<std::uintmax_t>(report.bytes), std::filesystem::file_size(path));
  const Weights again = open_weights(path);
  EXPECT_EQ(again.format(), WeightsFormat::kSafetensors);
  EXPECT_EQ(again.details().metadata.at("made"), "here");
  ASSERT_EQ(again.entries().size(), weights.entries().size());
  for (const auto& [name, entry] : weights.entries()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(again.find(name)->source.dtype, entry.source.dtype);
    EXPECT_EQ(again.find(name)->source.shape, entry.source.shape);
    EXPECT_EQ(stored_values_of(*again.find(name)), stored_values_of(entry));
  }
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(SafetensorsWriter, narrowsFloatsToNearestEvenAndCountsOverflow) {
  const float inf = std::numeric_limits<float>::infinity();
  const Weights weights = weights_with({1.0f, 1.0f + 0x1p-11f, 1.0f + 0x1.8p-10f, 70000.0f, inf});
  TemporaryFolder folder;
  const auto path = folder.path() / "out.safetensors";
  auto tensors = all_of(weights);
  tensors[0].dtype = DType::kF16;
  EXPECT_EQ(write_safetensors(path, tensors).overflowed, 1);
  EXPECT_THAT(values_of(open_weights(path), "x"),
              ::testing::ElementsAre(1.0f, 1.0f, 1.0f + 0x1p-9f, inf, inf));
}

TEST(SafetensorsWriter, keepsIntegersWhenFloatsAreNarrowed) {
  EXPECT_EQ(converted_dtype(DType::kI64, DType::kF16), DType::kI64);
  EXPECT_EQ(converted_dtype(DType::kF64, DType::kF16), DType::kF16);
  EXPECT_EQ(converted_dtype(DType::kBool, DType::kF16), DType::kBool);
}

TEST(SafetensorsWriter, replacesNothingUnlessTold) {
  TemporaryFolder folder;
  const auto path = folder.write("out.safetensors", test::to_bytes("precious"));
  const Weights weights = weights_with({1.0f});
  try {
    write_safetensors(path, all_of(weights));
    FAIL() << "it was replaced";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
  }
  EXPECT_EQ(test::bytes_of_file(path), test::to_bytes("precious"));
  write_safetensors(path, all_of(weights), {.overwrite = true});
  EXPECT_EQ(values_of(open_weights(path), "x")[0], 1.0f);
}

TEST(SafetensorsWriter, leavesNothingBehindWhenItFails) {
  TemporaryFolder folder;
  Weights::Entry entry;
  entry.source.shape = {10};
  entry.source.read = [](std::int64_t, std::span<float>) {
    throw Error(ErrorCode::kIo, "the disk is gone");
  };
  const std::vector<TensorToWrite> tensors = {{.name = "x", .entry = entry}};
  EXPECT_THROW(write_safetensors(folder.path() / "out.safetensors", tensors), Error);
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(SafetensorsWriter, stopsWhenCancelled) {
  TemporaryFolder folder;
  CancelToken cancel;
  cancel.cancel();
  try {
    write_safetensors(folder.path() / "out.safetensors", all_of(weights_with({1.0f})),
                      {.cancel = &cancel});
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
  EXPECT_EQ(files_in(folder.path()), 0u);
}

// A limit on the size of files stands in for a full disk: the reservation fails in the same way.
TEST(SafetensorsWriter, saysWhenThereIsNoSpace) {
  TemporaryFolder folder;
  const std::vector<NamedShape> shapes = {{"x", {1 << 20}}};
  const Weights weights = make_random_weights(shapes, 1);
  struct ::rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct ::rlimit limit { .rlim_cur = 1 << 20, .rlim_max = before.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  ErrorCode code = ErrorCode::kUsage;
  try {
    write_safetensors(folder.path() / "out.safetensors", all_of(weights));
  } catch (const Error& error) {
    code = error.code();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(code, ErrorCode::kNoSpace);
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(RandomWeights, areTheSameHoweverTheyAreRead) {
  const std::vector<NamedShape> shapes = {{"a.weight", {100, 50}}, {"norm.weight", {64}}};
  const Weights weights = make_random_weights(shapes, 7);
  const std::vector<float> all = values_of(weights, "a.weight");
  std::vector<float> part(77);
  weights.find("a.weight")->source.read(1234, part);
  for (std::size_t i = 0; i < part.size(); ++i) EXPECT_EQ(part[i], all[1234 + i]);
  EXPECT_NE(all, values_of(make_random_weights(shapes, 8), "a.weight"));
}

TEST(RandomWeights, areScaledByFanInAndNormsAreNearOne) {
  const std::vector<NamedShape> shapes = {
      {"conv.weight", {64, 32, 3, 3}}, {"norm.weight", {4096}}, {"norm.bias", {4096}}};
  const Weights weights = make_random_weights(shapes, 1);
  const auto moments = [&](const std::string& name) {
    double sum = 0;
    double squares = 0;
    const std::vector<float> values = values_of(weights, name);
    for (const float value : values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    const double mean = sum / static_cast<double>(values.size());
    return std::pair(mean, std::sqrt(squares / static_cast<double>(values.size()) - mean * mean));
  };
  const double spread = 0.8 / std::sqrt(32.0 * 9.0);
  EXPECT_NEAR(moments("conv.weight").first, 0.0, 0.02 * spread);
  EXPECT_NEAR(moments("conv.weight").second, spread, 0.02 * spread);
  EXPECT_NEAR(moments("norm.weight").first, 1.0, 0.002);
  EXPECT_NEAR(moments("norm.weight").second, 0.02, 0.001);
  EXPECT_NEAR(moments("norm.bias").first, 0.0, 0.002);
}

TEST(Describe, countsTheParametersOfEveryPartOfTheLargeModel) {
  std::ifstream file(fixtures() / "ldm-large-keys.tsv");
  std::vector<NamedShape> shapes;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::int64_t> dims;
    std::stringstream list(line.substr(line.find('\t') + 1));
    for (std::string dim; std::getline(list, dim, ',');) dims.push_back(std::stoll(dim));
    shapes.push_back({line.substr(0, line.find('\t')), Shape(dims)});
  }
  const Weights weights = make_random_weights(shapes, 1);
  constexpr NamedPart kParts[] = {{"model.diffusion_model", "UNet"},
                                  {"first_stage_model.encoder", "encoder"},
                                  {"first_stage_model", "decoder"},
                                  {"cond_stage_model", "text encoder"}};
  std::map<std::string, std::int64_t> parameters;
  for (const PartSummary& part : summarize_parts(weights, kParts)) {
    parameters[part.prefix] = part.parameters;
  }
  EXPECT_EQ(parameters["model.diffusion_model"], 872300484);
  EXPECT_EQ(parameters["cond_stage_model"], 581994042);
  EXPECT_EQ(parameters["first_stage_model.encoder"] + parameters["first_stage_model"], 83653863);
}

TEST(Describe, tellsWhetherAFileIsSafeAndWhy) {
  const auto safety = [](const std::string& name) {
    return summarize_safety(open_weights(fixtures() / "checkpoints" / name));
  };
  EXPECT_TRUE(safety("expected.safetensors").safe_elsewhere);
  EXPECT_TRUE(safety("zip.pt").safe_elsewhere);
  EXPECT_FALSE(safety("lightning-like.pt").safe_elsewhere);
  EXPECT_TRUE(safety("lightning-like.pt").suspicious.empty());
  EXPECT_THAT(safety("malicious-os-system.pt").suspicious, ::testing::ElementsAre("posix.system"));
}

TEST(Describe, findsADamagedByteByItsChecksum) {
  auto bytes = test::bytes_of_file(fixtures() / "checkpoints/zip.pt");
  TemporaryFolder folder;
  EXPECT_NO_THROW(verify_checksums(folder.write("whole.pt", bytes)));
  bytes[0x4b9 + 30 + 30 + 48] ^= std::byte{1};  // somewhere in data/0
  const auto path = folder.write("damaged.pt", bytes);
  EXPECT_NO_THROW(open_weights(path));
  EXPECT_THROW(verify_checksums(path), Error);
}

}  // namespace
}  // namespace easel
