#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.h"

namespace easel::testing {

/// A file in this folder's tests/data.
inline std::filesystem::path data_file(const std::string& name) {
  return std::filesystem::path(EASEL_SOURCE_DIR) / "tests/data" / name;
}

/// A file of the material shared beside the repository; it may be absent.
inline std::filesystem::path shared_file(const std::string& name) {
  return std::filesystem::path(EASEL_SOURCE_DIR) / "../shared" / name;
}

/// Leaves the test, counted as skipped, when a shared file is absent.
#define EASEL_NEEDS_SHARED(file)                                           \
  if (!std::filesystem::exists(file)) {                                    \
    GTEST_SKIP() << "not there: " << std::filesystem::path(file).string(); \
  }

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

struct FixtureTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// The F32 tensors of a safetensors file: a reader of its own, so that it can judge the other one.
inline std::map<std::string, FixtureTensor> read_safetensors_f32(
    const std::filesystem::path& path) {
  const std::string bytes = read_text(path);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto directory = Json::parse(bytes.substr(8, header));
  std::map<std::string, FixtureTensor> tensors;
  for (const auto& [name, entry] : directory.items()) {
    if (name == "__metadata__" || entry["dtype"] != "F32") continue;
    const auto begin = entry["data_offsets"][0].get<std::size_t>();
    const auto end = entry["data_offsets"][1].get<std::size_t>();
    FixtureTensor tensor{.shape = entry["shape"].get<std::vector<std::int64_t>>(),
                         .values = std::vector<float>((end - begin) / 4)};
    std::memcpy(tensor.values.data(), bytes.data() + 8 + header + begin, end - begin);
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

}  // namespace easel::testing
