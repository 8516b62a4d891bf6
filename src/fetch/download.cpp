#include "fetch/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/sha256.h"
#include "core/units.h"
#include "fetch/http.h"

namespace easel::fetch {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail_writing(const fs::path& path, int error) {
  fail(error == ENOSPC || error == EDQUOT ? ErrorCode::kNoSpace : ErrorCode::kIo,
       "'{}' cannot be written: {}", path.string(), std::strerror(error));
}

// The bytes that are here so far, open for appending.
class PartFile {
 public:
  explicit PartFile(fs::path path)
      : path_(std::move(path)),
        descriptor_(open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) {
    struct stat status = {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) fail_writing(path_, errno);
    size_ = status.st_size;
  }
  ~PartFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::int64_t size() const { return size_; }

  void truncate() {
    if (ftruncate(descriptor_, 0) != 0) fail_writing(path_, errno);
    size_ = 0;
  }

  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = pwrite(descriptor_, bytes.data(), bytes.size(), size_);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_writing(path_, errno);
      size_ += count;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

  // A failed fsync is final: what the disk holds is not known any more.
  void finish() {
    if (fsync(descriptor_) != 0) fail_writing(path_, errno);
  }

 private:
  fs::path path_;
  int descriptor_;
  std::int64_t size_ = 0;
};

// Waits, but not for a person who pressed Ctrl-C.
void wait(std::chrono::milliseconds time, const CancelToken& cancel) {
  constexpr std::chrono::milliseconds kSlice{50};
  for (; time.count() > 0; time -= kSlice) {
    cancel.check();
    std::this_thread::sleep_for(std::min(time, kSlice));
  }
}

class Download {
 public:
  Download(const RemoteFile& file, const fs::path& target, const DownloadOptions& options,
           const DownloadHooks& hooks)
      : file_(file),
        target_(target),
        options_(options),
        hooks_(hooks),
        entity_path_(part_of(target).string() + ".etag"),
        part_(part_of(target)) {
    if (part_.size() > limit()) part_.truncate();
    // Bytes of an unknown version can only be trusted where a checksum will judge the whole.
    if (read_entity().empty() && file_.sha256.empty()) part_.truncate();
  }

  Downloaded run() {
    int fruitless = 0;
    while (!is_whole()) {
      const std::int64_t before = part_.size();
      HttpOutcome outcome = request();
      if (outcome.result == HttpResult::kComplete) {
        complete_ = file_.bytes == 0;
        if (is_whole()) break;
        outcome.trouble = "the server stopped early";  // a body without an announced length
      }
      if (outcome.result == HttpResult::kNotThere) part_.truncate();
      fruitless = part_.size() > before ? 0 : fruitless + 1;
      if (fruitless >= options_.retries) give_up(outcome);
      hooks_.on_note(fmt::format("{}; {}, at {}", outcome.trouble,
                                 part_.size() > 0 ? "carrying on" : "trying again",
                                 human_bytes(part_.size())));
      if (fruitless > 0) wait(std::chrono::seconds(1 << std::min(fruitless - 1, 4)), hooks_.cancel);
    }
    return accept();
  }

 private:
  std::int64_t limit() const { return file_.expected_bytes(); }
  bool is_whole() const { return complete_ || (file_.bytes > 0 && part_.size() == file_.bytes); }

  HttpOutcome request() {
    const HttpRequest request{.url = file_.url,
                              .from = part_.size(),
                              .entity = part_.size() > 0 ? read_entity() : "",
                              .token = file_.token,
                              .allow_plain = options_.allow_plain};
    const HttpHandler handler{
        .on_answer = [&](const HttpAnswer& answer) { begin(answer); },
        .on_bytes = [&](std::span<const std::byte> bytes) { take(bytes); },
    };
    return http_get(request, handler, hooks_.cancel);
  }

  void begin(const HttpAnswer& answer) {
    if (answer.from == 0 && part_.size() > 0) part_.truncate();  // it sends all of it again
    if (answer.from != part_.size()) {
      fail(ErrorCode::kNetwork, "asked for '{}' from byte {}, the server sends it from byte {}",
           file_.path, part_.size(), answer.from);
    }
    if (answer.total) check_announced(*answer.total);
    announced_ = answer.total;
    if (file_.sha256.empty()) servers_sha256_ = answer.linked_sha256;
    write_entity(answer.entity);
  }

  void check_announced(std::int64_t total) const {
    if (file_.bytes > 0 && total != file_.bytes) {
      fail(ErrorCode::kInvalidFile, "'{}' has {} bytes, but the server announces {}: refused",
           file_.path, file_.bytes, total);
    }
    if (total > limit()) {
      fail(ErrorCode::kInvalidFile, "'{}' is announced with {} bytes, more than the {} it may have",
           file_.path, total, limit());
    }
  }

  void take(std::span<const std::byte> bytes) {
    if (part_.size() + static_cast<std::int64_t>(bytes.size()) > limit()) {
      part_.truncate();
      fail(ErrorCode::kInvalidFile, "the server sends more than the {} bytes of '{}': refused",
           limit(), file_.path);
    }
    part_.append(bytes);
    hooks_.on_bytes(part_.size(), announced_.value_or(limit()));
  }

  [[noreturn]] void give_up(const HttpOutcome& outcome) const {
    fail(
        ErrorCode::kNetwork,
        "'{}' broke off {} times in a row without a byte more ({}); the {} that came are kept: the "
        "same command carries on",
        file_.path, options_.retries, outcome.trouble, human_bytes(part_.size()));
  }

  // The size is right: the checksum, then the name.
  Downloaded accept() {
    const std::string sha256 = sha256_of_file(part_of(target_), hooks_.cancel);
    const bool published = !file_.sha256.empty();
    const std::string& wanted = published ? file_.sha256 : servers_sha256_;
    if (!wanted.empty() && sha256 != wanted) {
      discard();
      fail(ErrorCode::kInvalidFile,
           "'{}' came with wrong bytes (SHA-256 {}, {} {}): refused and deleted", file_.path,
           sha256, published ? "published" : "by the server's word", wanted);
    }
    part_.finish();
    fs::rename(part_of(target_), target_);
    fs::remove(entity_path_);
    return {.sha256 = sha256, .by_server = !published && !wanted.empty()};
  }

  void discard() {
    std::error_code ignored;
    fs::remove(part_of(target_), ignored);
    fs::remove(entity_path_, ignored);
  }

  std::string read_entity() const {
    std::ifstream in(entity_path_);
    std::string entity;
    std::getline(in, entity);
    return entity;
  }

  void write_entity(const std::string& entity) const {
    if (entity.empty()) {
      std::error_code ignored;
      fs::remove(entity_path_, ignored);
    } else if (entity != read_entity()) {
      write_file_atomically(entity_path_, std::string_view(entity));
    }
  }

  const RemoteFile& file_;
  const fs::path& target_;
  const DownloadOptions& options_;
  const DownloadHooks& hooks_;
  fs::path entity_path_;
  PartFile part_;
  std::optional<std::int64_t> announced_;
  std::string servers_sha256_;
  bool complete_ = false;
};

}  // namespace

fs::path part_of(const fs::path& target) { return target.string() + ".part"; }

Downloaded download(const RemoteFile& file, const fs::path& target, const DownloadOptions& options,
                    const DownloadHooks& hooks) {
  return Download(file, target, options, hooks).run();
}

}  // namespace easel::fetch
