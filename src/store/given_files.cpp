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
  if (std::filesystem::exists(file, error)) {
    renew(sha256);
    return sha256;
  }
  std::filesystem::create_directories(file.parent_path(), error);
  write_file_atomically(file, bytes);
  return sha256;
}

void GivenFiles::renew(std::string_view sha256) const noexcept {
  std::error_code none_there;
  std::filesystem::last_write_time(file_of(sha256), std::filesystem::file_time_type::clock::now(),
                                   none_there);
}

int GivenFiles::drop_unnamed(std::filesystem::file_time_type then,
                             const std::set<std::string>& named) const {
  int dropped = 0;
  std::error_code ignored;  // what cannot be read or deleted now is met again next time
  for (std::filesystem::recursive_directory_iterator at(folder_, ignored), end; at != end;
       at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (!is_sha256(name) || named.contains(name)) continue;
    const auto renewed = std::filesystem::last_write_time(at->path(), ignored);
    if (ignored || renewed >= then) continue;
    if (std::filesystem::remove(at->path(), ignored)) ++dropped;
  }
  return dropped;
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
