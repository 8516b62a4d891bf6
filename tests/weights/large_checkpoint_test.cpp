#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "builders.h"
#include "support.h"
#include "weights/formats/crc32.h"
#include "weights/weights.h"

namespace easel {
namespace {

using namespace std::string_literals;
using test::little_endian;

struct Named {
  std::string name;
  std::vector<std::int64_t> dims;
  std::int64_t elements;
};

std::vector<Named> large_model() {
  std::ifstream file(test::fixtures() / "ldm-large-keys.tsv");
  std::vector<Named> tensors;
  for (std::string line; std::getline(file, line);) {
    Named tensor{line.substr(0, line.find('\t')), {}, 1};
    std::stringstream list(line.substr(line.find('\t') + 1));
    for (std::string dim; std::getline(list, dim, ',');) {
      tensor.dims.push_back(std::stoll(dim));
      tensor.elements *= tensor.dims.back();
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::string pickle_of(const std::vector<Named>& tensors) {
  std::string state = "}";
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::vector<std::int64_t> strides(tensors[i].dims.size(), 1);
    for (std::size_t d = strides.size(); d-- > 1;) strides[d - 1] = strides[d] * tensors[i].dims[d];
    const std::string key = std::to_string(i);
    const auto storage = test::pickle::storage({.key = key, .elements = tensors[i].elements});
    state +=
        test::pickle::text(tensors[i].name) +
        test::pickle::tensor({.storage = storage, .sizes = tensors[i].dims, .strides = strides}) +
        "s";
  }
  return "\x80\x02}"s + test::pickle::text("epoch") + "K\1s"s + test::pickle::text("state_dict") +
         state + "s."s;
}

// An archive as torch.save writes it beyond 4 GiB, its storages holes in the file: what lies above
// that line has its offset in a ZIP64 field and a descriptor of 8-byte sizes.
class SparseArchive {
 public:
  explicit SparseArchive(const std::filesystem::path& path) : out_(path, std::ios::binary) {}

  void add(const std::string& name, std::int64_t size, std::uint32_t crc, const std::string& head) {
    const std::int64_t start = position_;
    const bool wide = start >= std::int64_t{0xffffffff};
    put("PK\x03\x04"s + little_endian(0, 2) + little_endian(0x808, 2) + little_endian(0, 18) +
        little_endian(name.size(), 2) + little_endian(0, 2) + name);
    put(head);
    position_ += size - static_cast<std::int64_t>(head.size());
    const int width = wide ? 8 : 4;
    const auto bytes = static_cast<std::uint64_t>(size);
    put("PK\x07\x08"s + little_endian(crc, 4) + little_endian(bytes, width) +
        little_endian(bytes, width));
    const std::string extra = wide ? little_endian(1, 2) + little_endian(8, 2) +
                                         little_endian(static_cast<std::uint64_t>(start), 8)
                                   : "";
    directory_ +=
        "PK\x01\x02"s + little_endian(0, 4) + little_endian(0x808, 2) + little_endian(0, 6) +
        little_endian(crc, 4) + little_endian(bytes, 4) + little_endian(bytes, 4) +
        little_endian(name.size(), 2) + little_endian(extra.size(), 2) + little_endian(0, 10) +
        little_endian(wide ? 0xffffffffu : static_cast<std::uint64_t>(start), 4) + name + extra;
    ++entries_;
  }

  void finish() {
    const auto start = static_cast<std::uint64_t>(position_);
    const std::uint64_t end64 = start + directory_.size();
    put(directory_);
    put("PK\x06\x06"s + little_endian(44, 8) + little_endian(0, 12) + little_endian(entries_, 8) +
        little_endian(entries_, 8) + little_endian(directory_.size(), 8) + little_endian(start, 8));
    put("PK\x06\x07"s + little_endian(0, 4) + little_endian(end64, 8) + little_endian(1, 4));
    put("PK\x05\x06"s + little_endian(0, 4) + little_endian(entries_, 2) +
        little_endian(entries_, 2) + little_endian(directory_.size(), 4) +
        little_endian(0xffffffffu, 4) + little_endian(0, 2));
    out_.close();
  }

  bool good() const { return out_.good(); }

 private:
  void put(const std::string& bytes) {
    out_.seekp(position_);
    out_ << bytes;
    position_ += static_cast<std::int64_t>(bytes.size());
  }

  std::ofstream out_;
  std::int64_t position_ = 0;
  std::uint64_t entries_ = 0;
  std::string directory_;
};

std::int64_t bytes_read_so_far() {
  std::ifstream io("/proc/self/io");
  for (std::string line; std::getline(io, line);) {
    if (line.starts_with("rchar:")) return std::stoll(line.substr(6));
  }
  return -1;
}

TEST(LargeCheckpoint, ofMoreThan4GiBOpensByItsDirectoryAlone) {
  const std::vector<Named> tensors = large_model();
  ASSERT_EQ(tensors.size(), 1368u);
  test::TemporaryFolder folder;
  const auto path = folder.path() / "model.ckpt";
  SparseArchive archive(path);
  const std::string pickle = pickle_of(tensors);
  archive.add("archive/data.pkl", static_cast<std::int64_t>(pickle.size()),
              crc32(0, std::as_bytes(std::span(pickle))), pickle);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    archive.add("archive/data/" + std::to_string(i), tensors[i].elements * 4, 7, "");
  }
  archive.add("archive/version", 2, crc32(0, std::as_bytes(std::span("3\n", 2))), "3\n");
  if (!archive.good()) GTEST_SKIP() << "no sparse files here";
  archive.finish();
  EXPECT_GT(std::filesystem::file_size(path), std::uintmax_t{5} << 30);

  const std::int64_t before = bytes_read_so_far();
  const Weights weights = open_weights(path);
  if (before >= 0) {
    EXPECT_LT(bytes_read_so_far() - before, 4 << 20);
  }
  ASSERT_EQ(weights.entries().size(), tensors.size());
  for (const Named& tensor : tensors) {
    ASSERT_NE(weights.find(tensor.name), nullptr) << tensor.name;
    EXPECT_EQ(weights.find(tensor.name)->source.shape, Shape(tensor.dims));
  }
  std::vector<float> values(4, 1.0f);
  weights.find(tensors.back().name)->source.read(0, values);
  EXPECT_THAT(values, ::testing::Each(0.0f));
}

}  // namespace
}  // namespace easel
