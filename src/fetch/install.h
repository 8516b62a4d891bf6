#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fetch/catalogue.h"
#include "fetch/download.h"

namespace easel::fetch {

struct InstallRequest {
  std::string name;  ///< the folder's
  std::vector<RemoteFile> files;
  std::filesystem::path models;  ///< the folder of installed models
  DownloadOptions download;
};

struct InstallHooks {
  /// `done` of `total` bytes of the whole model are here; `path` is being downloaded.
  std::function<void(std::int64_t done, std::int64_t total, const std::string& path)> on_bytes;
  std::function<void(const std::string&)> on_note;
  /// Each file when it is whole and its checksum holds.
  std::function<void(const RemoteFile&, const Downloaded&)> on_file;
  /// Looks at the whole model before it gets its name; throws to refuse it.
  std::function<void(const std::filesystem::path& folder)> check;
  const CancelToken& cancel;
};

/// Downloads all files of a model into a folder whose name starts with a dot, and renames that to
/// `models`/`name` once every file is whole and `check` agrees: what has the model's name is the
/// model. Carries on from what an earlier call left. Returns the folder.
///
/// Throws what download() does, kNoSpace before it starts when the disk cannot hold the rest, and
/// kUsage while another process does the same.
std::filesystem::path install(const InstallRequest& request, const InstallHooks& hooks);

}  // namespace easel::fetch
