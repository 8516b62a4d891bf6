#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <thread>

#include "builders.h"
#include "hostile_cases.h"
#include "mutator.h"
#include "support.h"
#include "weights/file.h"
#include "weights/formats/formats.h"
#include "weights/formats/stored_tensor.h"

namespace easel {
namespace {

using test::HostileCase;

enum class Outcome { kOpened, kRefused };

// Opens the bytes and, where that succeeds, reads every value: a sound answer is all values or one
// of the two errors for bad files, in one line.
Outcome open_bytes(const std::string& bytes) {
  try {
    const auto file = File::in_memory("x.safetensors", test::to_bytes(bytes));
    const Weights weights = read_any_format(file, "/nonexistent");
    for (const auto& [name, entry] : weights.entries()) {
      const std::int64_t elements = entry.source.shape.elements();
      EXPECT_LE(elements, static_cast<std::int64_t>(bytes.size()) + 65536);
      std::vector<float> values(static_cast<std::size_t>(elements));
      entry.source.read(0, values);
    }
    return Outcome::kOpened;
  } catch (const Error& error) {
    EXPECT_THAT(error.code(), ::testing::AnyOf(ErrorCode::kInvalidFile, ErrorCode::kUnsupported,
                                               ErrorCode::kNotFound))
        << error.what();
    EXPECT_TRUE(is_clean_text(error.what())) << error.what();
    EXPECT_LT(std::string_view(error.what()).size(), 1200u);
    return Outcome::kRefused;
  }
}

bool pwned() {
  return std::filesystem::exists(std::filesystem::temp_directory_path() / "easel-pwned");
}

TEST(HostileFiles, areRefusedWithAnErrorOrOpenHarmlessly) {
  ASSERT_FALSE(pwned());
  const std::vector<HostileCase> cases = test::hostile_cases();
  EXPECT_GE(cases.size(), 400u);
  std::set<std::string> names;
  for (const HostileCase& hostile : cases) {
    SCOPED_TRACE(hostile.name);
    EXPECT_TRUE(names.insert(hostile.name).second) << "two cases of one name";
    EXPECT_EQ(open_bytes(hostile.bytes), hostile.sound ? Outcome::kOpened : Outcome::kRefused);
  }
  EXPECT_FALSE(pwned());
}

// Peak resident memory since the last reset, and now, in KiB.
std::int64_t memory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoll(line.substr(field.size() + 1));
  }
  return 0;
}

TEST(HostileFiles, takeLittleMemory) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer keeps freed memory";
#endif
  for (const HostileCase& hostile : test::hostile_cases()) {
    SCOPED_TRACE(hostile.name);
    const auto file = File::in_memory("x", test::to_bytes(hostile.bytes));
    std::ofstream reset("/proc/self/clear_refs");
    reset << "5" << std::flush;
    if (!reset) GTEST_SKIP() << "the peak cannot be reset here";
    const std::int64_t before = memory("VmRSS");
    try {
      read_any_format(file, "/nonexistent");
    } catch (const Error&) {
    }
    EXPECT_LE(memory("VmHWM") - before, 96 * 1024);
  }
}

TEST(HostileFiles, cutAtEveryByteAreRefused) {
  for (const HostileCase& seed : test::seeds()) {
    SCOPED_TRACE(seed.name);
    ASSERT_EQ(open_bytes(seed.bytes), Outcome::kOpened);
    for (std::size_t length = 0; length < seed.bytes.size(); ++length) {
      ASSERT_EQ(open_bytes(seed.bytes.substr(0, length)), Outcome::kRefused) << length;
    }
  }
}

TEST(HostileFiles, withAnyBitFlippedAreRefusedOrReadWhole) {
  for (const HostileCase& seed : test::seeds()) {
    SCOPED_TRACE(seed.name);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < seed.bytes.size() * 8; ++bit) {
      std::string bytes = seed.bytes;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      refused += open_bytes(bytes) == Outcome::kRefused ? 1 : 0;
      if (HasFailure()) FAIL() << "bit " << bit;
    }
    EXPECT_GT(refused, seed.bytes.size());
  }
}

std::uint64_t mutants() {
  const char* wanted = std::getenv("EASEL_MUTANTS");
  return wanted == nullptr ? 3000 : std::strtoull(wanted, nullptr, 10);
}

TEST(HostileFiles, mutatedAtRandomAreRefusedOrReadWhole) {
  const std::string state =
      test::pickle::dict({{"t", test::pickle::tensor({})},
                          {"u", test::pickle::tensor({.sizes = {2}, .strides = {2}})},
                          {"x", test::pickle::global("a", "B") + ")\x81}b"}});
  const std::string header =
      R"({"__metadata__":{"a":"b"},"t":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";
  for (const HostileCase& seed : test::seeds()) {
    for (std::uint64_t i = 0; i < mutants(); ++i) {
      open_bytes(test::mutate(seed.bytes, i));
      if (HasFailure()) FAIL() << seed.name << ", mutant " << i;
    }
  }
  // Where a checksum or a length would catch every mutant, it is put right.
  for (std::uint64_t i = 0; i < mutants(); ++i) {
    open_bytes(test::zip_checkpoint(test::mutate(state, i)));
    open_bytes(test::safetensors_file(test::mutate(header, i), test::four_floats()));
    open_bytes(test::legacy_checkpoint(test::mutate(state, i), {{"0", 4, test::four_floats()}}));
    open_bytes(test::mutate(R"({"metadata":{},"weight_map":{"a":"b.safetensors"}})", i));
    if (HasFailure()) FAIL() << "mutant " << i;
  }
}

template <typename Make>
void expect_code(ErrorCode wanted, Make make) {
  try {
    make();
    ADD_FAILURE() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), wanted) << error.what();
    EXPECT_TRUE(is_clean_text(error.what()));
  }
}

std::size_t open_descriptors() {
  const auto begin = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

TEST(OddFiles, areRefusedAndNothingStaysOpen) {
  test::TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return folder.path() / name; };
  const std::size_t before = open_descriptors();
  expect_code(ErrorCode::kUnsupported, [&] { open_weights(folder.path()); });
  expect_code(ErrorCode::kNotFound, [&] { open_weights(path("nothing")); });
  expect_code(ErrorCode::kNotFound, [&] { open_weights(path("a\nb\x01")); });
  expect_code(ErrorCode::kNotFound, [&] { open_weights(std::string("a\0b", 3)); });
  expect_code(ErrorCode::kIo, [&] { open_weights(path(std::string(1 << 20, 'n'))); });
  expect_code(ErrorCode::kUnsupported, [] { open_weights("/dev/zero"); });

  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  expect_code(ErrorCode::kUnsupported, [&] { open_weights(path("fifo")); });

  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path("socket").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const ::sockaddr*>(&address), sizeof(address)), 0);
  expect_code(ErrorCode::kUnsupported, [&] { open_weights(path("socket")); });
  ::close(socket);

  std::filesystem::create_symlink("nowhere", path("dangling"));
  expect_code(ErrorCode::kNotFound, [&] { open_weights(path("dangling")); });
  std::filesystem::create_symlink("loop", path("loop"));
  expect_code(ErrorCode::kIo, [&] { open_weights(path("loop")); });

  for (const HostileCase& seed : test::seeds()) {
    const auto file = folder.write("cut", test::to_bytes(seed.bytes.substr(0, 40)));
    expect_code(ErrorCode::kInvalidFile, [&] { open_weights(file); });
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(OddFiles, thatMayNotBeReadAreRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may read everything";
  test::TemporaryFolder folder;
  const auto file = folder.write("x", test::to_bytes(test::seeds()[0].bytes));
  ::chmod(file.c_str(), 0);
  expect_code(ErrorCode::kIo, [&] { open_weights(file); });
}

TEST(OddFiles, ofATebibyteOfNothingAreRefused) {
  test::TemporaryFolder folder;
  for (const std::string& start : {std::string(), std::string("PK\3\4"), test::legacy_head(),
                                   test::little_endian(std::uint64_t{1} << 24, 8) + "{",
                                   test::little_endian(std::uint64_t{1} << 39, 8) + "{"}) {
    const auto file = folder.write("sparse", test::to_bytes(start));
    if (::truncate(file.c_str(), std::int64_t{1} << 40) != 0) GTEST_SKIP() << "no sparse files";
    expect_code(ErrorCode::kInvalidFile, [&] { open_weights(file); });
  }
}

TEST(ChangingFiles, thatShrinkGiveAnError) {
  for (const HostileCase& seed : test::seeds()) {
    test::TemporaryFolder folder;
    const auto file = folder.write("x", test::to_bytes(seed.bytes));
    const Weights weights = open_weights(file);
    std::filesystem::resize_file(file, 10);
    expect_code(ErrorCode::kInvalidFile, [&] { test::values_of(weights, "t"); });
  }
}

TEST(ChangingFiles, thatAreOverwrittenGiveAnError) {
  test::TemporaryFolder folder;
  const auto file = folder.write("x", test::to_bytes(test::seeds()[0].bytes));
  const Weights weights = open_weights(file);
  EXPECT_EQ(test::values_of(weights, "t")[1], 2.0f);
  folder.write("x", test::to_bytes(std::string(test::seeds()[0].bytes.size(), 'x')));
  const auto later = std::filesystem::last_write_time(file) + std::chrono::seconds(2);
  std::filesystem::last_write_time(file, later);
  expect_code(ErrorCode::kInvalidFile, [&] { test::values_of(weights, "t"); });
}

TEST(ChangingFiles, thatAreReplacedByNameStayReadable) {
  test::TemporaryFolder folder;
  const auto file = folder.write("x", test::to_bytes(test::seeds()[0].bytes));
  const Weights weights = open_weights(file);
  std::filesystem::rename(folder.write("y", test::to_bytes("another")), file);
  EXPECT_EQ(test::values_of(weights, "t")[1], 2.0f);
}

}  // namespace
}  // namespace easel
