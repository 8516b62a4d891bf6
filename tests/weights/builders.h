#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Model files made by hand, sound and broken, as strings of bytes.
namespace easel::test {

/// `count` bytes of a number, little-endian.
std::string little_endian(std::uint64_t value, int count);
/// Overwrites bytes at `offset` with a number.
void put(std::string& bytes, std::size_t offset, std::uint64_t value, int count);

/// 8 bytes of length, the header, the data.
std::string safetensors_file(std::string_view header, std::string_view data);

namespace pickle {

std::string text(std::string_view value);  // BINUNICODE
std::string integer(std::int64_t value);   // BININT, or LONG1 where that is too narrow
std::string tuple(const std::vector<std::int64_t>& values);
std::string global(std::string_view module, std::string_view name);

struct StorageSpec {
  std::string_view key = "0";
  std::string_view type = "FloatStorage";
  std::int64_t elements = 4;
};
std::string storage(const StorageSpec& spec);

struct TensorSpec {
  std::string storage;  // instructions; a storage of four floats when empty
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes = {2, 2};
  std::vector<std::int64_t> strides = {2, 1};
};
std::string tensor(const TensorSpec& spec);

/// A whole pickle of protocol 2: a dict of these items, each the instructions of its value.
std::string dict(const std::vector<std::pair<std::string, std::string>>& items);

}  // namespace pickle

struct ZipFile {
  std::string name;
  std::string data;
};
/// A zip archive as torch.save lays it out (flags 0x808, zeros in the local header, a descriptor),
/// and where its records are, for breaking them.
struct ZipImage {
  std::string bytes;
  std::vector<std::size_t> local;
  std::vector<std::size_t> data;
  std::vector<std::size_t> descriptor;
  std::vector<std::size_t> central;
  std::size_t end64 = 0;
  std::size_t locator = 0;
  std::size_t end = 0;
};
struct ZipLayout {
  bool descriptors = true;
  bool zip64 = false;  // sizes in ZIP64 fields throughout
  std::string comment = {};
};
ZipImage zip_archive(const std::vector<ZipFile>& files, const ZipLayout& layout = {});

/// A checkpoint archive of this pickle and one storage of four floats.
std::vector<ZipFile> checkpoint_files(std::string pickle);
std::string zip_checkpoint(std::string pickle);

/// A legacy checkpoint: this state's pickle, and the storages in their order.
struct LegacyStorage {
  std::string key;
  std::int64_t elements;
  std::string data;
};
std::string legacy_checkpoint(std::string state, const std::vector<LegacyStorage>& storages);
std::string legacy_head();  // the three pickles before the state

/// Four floats: 1, 2, 3, 4.
std::string four_floats();

}  // namespace easel::test
