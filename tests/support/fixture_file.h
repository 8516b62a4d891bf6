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

/// A file of the fixtures that came with the clone: what tests of behaviour use.
inline std::filesystem::path fixture(const std::string& name) {
  return data_file("fixtures/" + name);
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

/// The F32 and I64 tensors of a safetensors file: a reader of its own, so that it can judge the
/// other one. Whole numbers are small enough here to be floats.
inline std::map<std::string, FixtureTensor> read_safetensors(const std::filesystem::path& path) {
  const std::string bytes = read_text(path);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto directory = Json::parse(bytes.substr(8, header));
  std::map<std::string, FixtureTensor> tensors;
  for (const auto& [name, entry] : directory.items()) {
    if (name == "__metadata__" || (entry["dtype"] != "F32" && entry["dtype"] != "I64")) continue;
    const auto begin = entry["data_offsets"][0].get<std::size_t>();
    const auto end = entry["data_offsets"][1].get<std::size_t>();
    const char* data = bytes.data() + 8 + header + begin;
    FixtureTensor tensor{.shape = entry["shape"].get<std::vector<std::int64_t>>(), .values = {}};
    if (entry["dtype"] == "F32") {
      tensor.values.resize((end - begin) / 4);
      std::memcpy(tensor.values.data(), data, end - begin);
    } else {
      std::vector<std::int64_t> numbers((end - begin) / 8);
      std::memcpy(numbers.data(), data, end - begin);
      for (const std::int64_t number : numbers) tensor.values.push_back(static_cast<float>(number));
    }
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

/// The texts in a safetensors file's header.
inline std::map<std::string, std::string> read_safetensors_metadata(
    const std::filesystem::path& path) {
  const std::string bytes = read_text(path);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto directory = Json::parse(bytes.substr(8, header));
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : directory["__metadata__"].items()) texts[key] = value.text();
  return texts;
}

}  // namespace easel::testing
