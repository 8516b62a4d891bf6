#include "tokenizers/vocabulary_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::size_t kMost = std::size_t{64} << 20;
constexpr std::size_t kPiece = std::size_t{64} << 10;

struct Close {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

}  // namespace

std::string read_vocabulary_file(const std::filesystem::path& file, std::size_t most_lines) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    fail(ErrorCode::kIo, "could not read the vocabulary '{}': it is a folder", file.string());
  }
  errno = 0;
  const std::unique_ptr<gzFile_s, Close> stream(gzopen(file.c_str(), "rb"));
  if (stream == nullptr) {
    const int reason = errno;
    fail(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
         "could not open the vocabulary '{}': {}", file.string(),
         std::generic_category().message(reason));
  }
  std::string text;
  std::vector<char> piece(kPiece);
  std::size_t size = 0;
  std::size_t lines = 0;
  int read = 0;
  while ((read = gzread(stream.get(), piece.data(), static_cast<unsigned>(piece.size()))) > 0) {
    size += static_cast<std::size_t>(read);
    if (size > kMost) {
      fail(ErrorCode::kInvalidFile, "'{}' is too large for a vocabulary", file.string());
    }
    if (lines >= most_lines) continue;
    text.append(piece.data(), static_cast<std::size_t>(read));
    lines += static_cast<std::size_t>(std::count(piece.begin(), piece.begin() + read, '\n'));
  }
  int code = Z_OK;
  const char* message = gzerror(stream.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) {
    fail(code == Z_ERRNO ? ErrorCode::kIo : ErrorCode::kInvalidFile,
         "the vocabulary '{}' cannot be unpacked: {}", file.string(), message);
  }
  return text;
}

}  // namespace easel
