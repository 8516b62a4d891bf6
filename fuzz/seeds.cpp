// Writes a corpus folder for each fuzz target: fuzz_seeds CORPUS

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "builders.h"
#include "hostile_cases.h"

namespace {

constexpr std::size_t kMaxBytes = 4096;

void write(const std::filesystem::path& folder, const std::vector<easel::test::HostileCase>& cases,
           const std::string& only_with) {
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const auto& seed : cases) {
    std::string bytes = seed.bytes;
    if (!only_with.empty()) {  // the pickle inside an archive
      const std::size_t begin = bytes.find(only_with);
      const std::size_t end = bytes.find("PK\x07\x08");
      if (begin == std::string::npos || end == std::string::npos || end < begin) continue;
      bytes = bytes.substr(begin, end - begin);
    }
    if (bytes.size() > kMaxBytes) continue;
    std::ofstream(folder / std::to_string(number++), std::ios::binary) << bytes;
  }
}

}  // namespace

int main(int count, char** arguments) {
  using namespace easel::test;
  if (count != 2) return 2;
  const std::filesystem::path corpus = arguments[1];
  write(corpus / "safetensors", hostile_safetensors(), "");
  write(corpus / "zip", hostile_zips(), "");
  write(corpus / "pickle", hostile_pickles(), "\x80");
  write(corpus / "legacy", hostile_legacy(), "");
  return 0;
}
