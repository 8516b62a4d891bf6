#include "store/given_files.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "core/atomic_file.h"
#include "core/sha256.h"

namespace easel {
namespace {

constexpr std::size_t kHashOfFile = 64;

bool is_sha256(std::string_view text) {
  return text.size() == kHashOfFile &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

GivenFiles::GivenFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

std::filesystem::path GivenFiles::file_of(std::string_view sha256) const {
  return folder_ / sha256.substr(0, 2) / sha256;
}

std::string GivenFiles::keep(std::string_view bytes) const {
  const std::string sha256 = sha256_hex(bytes);
  const std::filesystem::path file = file_of(sha256);
  std::error_code error;
  if (std::filesystem::exists(file, error)) return sha256;
  std::filesystem::create_directories(file.parent_path(), error);
  write_file_atomically(file, bytes);
  return sha256;
}

std::optional<std::string> GivenFiles::read(std::string_view sha256) const {
  if (!is_sha256(sha256)) return std::nullopt;
  const std::filesystem::path file = file_of(sha256);
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

std::optional<PictureFacts> GivenFiles::facts(std::string_view sha256) const {
  const auto bytes = read(sha256);
  if (!bytes) return std::nullopt;
  return facts_of_picture({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()},
                          "the picture to draw from");
}

}  // namespace easel
