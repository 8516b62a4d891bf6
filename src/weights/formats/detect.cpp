#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "weights/formats/formats.h"

namespace easel {
namespace {

constexpr std::size_t kHeadBytes = 512;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view what;  ///< completes "'x' is …"
};

// Files that people mistake for models, and what each of them is.
constexpr Magic kOtherFiles[] = {
    {0, "version https://git-lfs",
     "a Git LFS pointer, not the model itself: fetch it with 'git lfs pull'"},
    {0, "<!DOCTYPE", "a web page, not a model: download the file itself"},
    {0, "<!doctype", "a web page, not a model: download the file itself"},
    {0, "<html", "a web page, not a model: download the file itself"},
    {0, "GGUF",
     "a GGUF file, which Easel does not read; wanted safetensors or a PyTorch checkpoint"},
    {0, "\x89HDF", "an HDF5 file; wanted safetensors or a PyTorch checkpoint"},
    {0, "\x1f\x8b", "gzip-compressed: unpack it first"},
    {0,
     "\xfd"
     "7zXZ",
     "xz-compressed: unpack it first"},
    {0, "7z\xbc\xaf", "a 7z archive: unpack it first"},
    {257, "ustar", "a tar archive: if torch.save of old wrote it, load it there and save it again"},
};

bool starts_like_safetensors(std::span<const std::byte> head, std::int64_t size) {
  if (head.size() < 9 || head[8] != std::byte{'{'}) return false;
  std::uint64_t length = 0;
  std::memcpy(&length, head.data(), sizeof(length));
  return size >= 8 && length <= static_cast<std::uint64_t>(size - 8);
}

}  // namespace

Weights read_torch(const std::shared_ptr<const File>& file) {
  std::array<std::byte, 2> head{};
  file->read_at(0, head);
  const bool zip = head[0] == std::byte{'P'} && head[1] == std::byte{'K'};
  return zip ? read_torch_zip(file) : read_torch_legacy(file);
}

Weights read_any_format(const std::shared_ptr<const File>& file,
                        const std::filesystem::path& folder) {
  if (file->size() == 0) fail(ErrorCode::kInvalidFile, "'{}' is empty", file->name());
  const std::vector<std::byte> head =
      file->read_at(0, std::min<std::int64_t>(file->size(), kHeadBytes));
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());

  if (starts_like_safetensors(head, file->size())) return read_safetensors(file);
  if (text.starts_with("PK")) return read_torch(file);
  for (const Magic& other : kOtherFiles) {
    if (text.size() > other.offset && text.substr(other.offset).starts_with(other.bytes)) {
      fail(ErrorCode::kUnsupported, "'{}' is {}", file->name(), other.what);
    }
  }
  if (text.starts_with('\x80')) return read_torch(file);
  if (text.starts_with('{')) return read_shard_index(file, folder);
  if (file->name().ends_with(".safetensors")) return read_safetensors(file);
  fail(ErrorCode::kInvalidFile,
       "'{}' is not a model file: wanted safetensors or a PyTorch checkpoint", file->name());
}

}  // namespace easel
