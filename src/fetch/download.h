#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/cancel.h"
#include "fetch/catalogue.h"

namespace easel::fetch {

struct DownloadOptions {
  bool allow_plain = false;  ///< http:// addresses are taken (tests)
  int retries = 5;           ///< tries in a row that may bring nothing, before giving up
};

struct DownloadHooks {
  /// Bytes of this file that are here by now, of how many (as published, else as announced).
  std::function<void(std::int64_t bytes, std::int64_t total)> on_bytes;
  /// "the connection broke …, trying again"
  std::function<void(const std::string&)> on_note;
  const CancelToken& cancel;
};

/// What came of a download.
struct Downloaded {
  std::string sha256;
  /// Whether that is the server's own word for it and none was published with Easel.
  bool by_server = false;
};

/// Downloads one file to `target`, which appears whole or not at all: the bytes go to
/// `target`.part, are carried on from there after a break (also by a later call), and get their
/// name once size and SHA-256 are as published. A file with a wrong checksum is deleted.
///
/// Where none is published, the SHA-256 is held against the one that the server says, if it does.
/// Throws kNetwork, kInvalidFile (what came is not what is published),
/// kNoSpace, kIo, kCancelled.
Downloaded download(const RemoteFile& file, const std::filesystem::path& target,
                    const DownloadOptions& options, const DownloadHooks& hooks);

/// Where an unfinished download of `target` is kept.
std::filesystem::path part_of(const std::filesystem::path& target);

}  // namespace easel::fetch
