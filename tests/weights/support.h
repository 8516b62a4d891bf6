#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/error.h"
#include "weights/weights.h"

namespace easel::test {

/// The fixtures that came with the clone.
inline std::filesystem::path fixtures() {
  return std::filesystem::path(EASEL_SOURCE_DIR) / "tests/data/fixtures";
}

inline std::vector<float> values_of(const Weights& weights, std::string_view name) {
  const Weights::Entry* entry = weights.find(name);
  if (entry == nullptr) fail(ErrorCode::kWrongModel, "test: no tensor '{}'", name);
  std::vector<float> out(static_cast<std::size_t>(entry->source.shape.elements()));
  entry->source.read(0, out);
  return out;
}

inline std::vector<std::byte> stored_values_of(const Weights::Entry& entry) {
  const auto count = static_cast<std::size_t>(entry.source.shape.elements());
  std::vector<std::byte> out(count * size_of(entry.source.dtype));
  entry.read_stored(0, out);
  return out;
}

inline std::vector<std::byte> bytes_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(ErrorCode::kNotFound, "test: no file '{}'", path.string());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::byte> out(text.size());
  if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
  return out;
}

inline std::vector<std::byte> to_bytes(std::string_view text) {
  std::vector<std::byte> out(text.size());
  if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
  return out;
}

/// A folder that is there while the object is.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "easel-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) fail(ErrorCode::kIo, "test: no temporary folder");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::vector<std::byte>& bytes) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace easel::test
