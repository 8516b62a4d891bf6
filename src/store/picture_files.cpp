#include "store/picture_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/output_file.h"
#include "image/codec.h"
#include "image/resize.h"
#include "store/ulid.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

// Five digits of an id are nine hours: some hundreds of files a folder.
constexpr std::size_t kFolderDigits = 5;
constexpr int kThumbnailQuality = 82;

std::string relative(std::string_view id, std::string_view ending) {
  std::string name(id.substr(0, kFolderDigits));
  name += '/';
  name += id;
  name += ending;
  return name;
}

// Opens below `folder` and nowhere else, also if somebody puts links there.
int open_beneath(const fs::path& folder, const std::string& name) {
  const int root = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -1;
  open_how how = {};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  int file = static_cast<int>(::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how));
  if (file < 0 && (errno == ENOSYS || errno == EPERM)) {  // before Linux 5.6, or in a sandbox
    file = ::openat(root, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  }
  const int error = errno;
  ::close(root);
  errno = error;
  return file;
}

std::optional<std::string> read_beneath(const fs::path& folder, const std::string& name) {
  const int file = open_beneath(folder, name);
  if (file < 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return std::nullopt;
    fail(ErrorCode::kIo, "could not read {}: {}", name, std::generic_category().message(errno));
  }
  struct stat status = {};
  std::string bytes;
  if (::fstat(file, &status) == 0) bytes.resize(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t count = ::read(file, bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    have += static_cast<std::size_t>(count);
  }
  ::close(file);
  if (have != bytes.size()) fail(ErrorCode::kIo, "could not read {} to its end", name);
  return bytes;
}

void write_below(const fs::path& folder, const std::string& name,
                 std::span<const std::uint8_t> bytes) {
  const fs::path file = folder / name;
  if (::mkdir(file.parent_path().c_str(), 0700) == 0) {
    sync_folder(folder);
  } else if (errno == ENOSPC || errno == EDQUOT) {
    fail(ErrorCode::kNoSpace, "the disk is full: could not make {}", file.parent_path().string());
  }
  write_file_atomically(file, std::as_bytes(bytes));
}

std::vector<std::uint8_t> thumbnail_of(const Image& image) {
  const Image::Size size = fit_within(image.size(), {kThumbnailSide, kThumbnailSide});
  const Image small =
      size == image.size() ? to_rgb8(image) : resize(to_rgb8(image), size, Resampling::kLanczos);
  return encode_picture(small, ImageFormat::kWebp, {.quality = kThumbnailQuality});
}

// A file system that is short of inodes keeps them for pictures: thumbnails are made when they are
// asked for.
bool has_room_for_more(const fs::path& folder) {
  constexpr fsfilcnt_t kScarce = 200;
  struct statvfs status = {};
  if (::statvfs(folder.c_str(), &status) != 0 || status.f_files == 0) return true;
  return status.f_favail >= kScarce;
}

}  // namespace

PictureFiles::PictureFiles(fs::path pictures, fs::path thumbnails)
    : pictures_(std::move(pictures)), thumbnails_(std::move(thumbnails)) {}

std::int64_t PictureFiles::save(const std::string& id, const Image& image,
                                const Provenance& provenance) const {
  return keep(id, image,
              encode_picture(image, ImageFormat::kPng, {.metadata = metadata_of(provenance)}));
}

std::int64_t PictureFiles::keep(const std::string& id, const Image& image,
                                std::span<const std::uint8_t> png) const {
  if (has_room_for_more(thumbnails_)) {
    write_below(thumbnails_, relative(id, ".webp"), thumbnail_of(image));
  }
  write_below(pictures_, relative(id, ".png"), png);
  return static_cast<std::int64_t>(png.size());
}

std::optional<std::string> PictureFiles::picture(std::string_view id) const {
  if (!is_ulid(id)) return std::nullopt;
  return read_beneath(pictures_, relative(id, ".png"));
}

std::optional<std::string> PictureFiles::thumbnail(std::string_view id) const {
  if (!is_ulid(id)) return std::nullopt;
  if (auto bytes = read_beneath(thumbnails_, relative(id, ".webp"))) return bytes;
  const std::optional<std::string> png = picture(id);
  if (!png) return std::nullopt;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(png->data()), png->size());
  const std::vector<std::uint8_t> webp = thumbnail_of(decode_picture(bytes, id).image);
  if (has_room_for_more(thumbnails_)) write_below(thumbnails_, relative(id, ".webp"), webp);
  return std::string(webp.begin(), webp.end());
}

void PictureFiles::remove(std::string_view id) const {
  if (!is_ulid(id)) return;
  for (const fs::path& file :
       {pictures_ / relative(id, ".png"), thumbnails_ / relative(id, ".webp")}) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
      fail(ErrorCode::kIo, "could not remove {}: {}", file.string(),
           std::generic_category().message(errno));
    }
  }
}

std::vector<std::string> PictureFiles::sweep() const {
  std::vector<std::string> ids;
  for (const fs::path& root : {pictures_, thumbnails_}) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name.starts_with(".easel-") && name.ends_with(".tmp")) {
        std::error_code ignored;
        fs::remove(it->path(), ignored);
      } else if (root == pictures_ && name.ends_with(".png") &&
                 is_ulid(std::string_view(name).substr(0, name.size() - 4))) {
        ids.push_back(name.substr(0, name.size() - 4));
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace easel
