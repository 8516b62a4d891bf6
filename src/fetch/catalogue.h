#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel::fetch {

/// A file of a model that can be downloaded.
struct RemoteFile {
  std::string url;
  std::string path;        ///< in the model's folder; parts joined by '/'
  std::int64_t bytes = 0;  ///< 0: not published
  std::string sha256;      ///< in hex; empty: what the server itself says, where it does
  /// Refused beyond this, for files of unpublished size.
  std::int64_t max_bytes = 0;

  /// Opens it to its owner, where its server wants that; empty: none.
  std::string token = {};

  /// Bytes to plan for.
  std::int64_t expected_bytes() const { return bytes > 0 ? bytes : max_bytes; }
};

/// What a person has to agree to before a model is fetched.
struct Licence {
  std::string name;  ///< "CreativeML Open RAIL-M"; empty: there is nothing to agree to
  std::string url;   ///< its whole text
  std::string gist;  ///< what it allows and forbids, in a sentence

  bool must_be_accepted() const { return !name.empty(); }
};

/// What is downloaded, which says where it is kept.
enum class RemoteKind {
  kModel,        ///< opened as drawing would before it counts as installed
  kEditor,       ///< a model that draws over pictures given to it
  kAutoencoder,  ///< a part by itself, among the models
  kLora,         ///< changes to a model, in the folder of LoRAs
};

struct RemoteModel {
  std::string name;
  std::string summary;
  Licence licence = {};
  RemoteKind kind = RemoteKind::kModel;
  std::vector<RemoteFile> files;
  /// The same model as its authors publish it (--original); empty where there is none.
  std::vector<RemoteFile> original_files;
};

/// Where the built-in catalogue's models lie, but for --original.
inline constexpr std::string_view kHuggingFaceHost = "https://huggingface.co";

/// What this version of Easel knows where to find.
const std::vector<RemoteModel>& builtin_catalogue();

/// A catalogue from JSON: [{"name", "summary", "files": [{"url", "path", "bytes", "sha256",
/// "max_bytes"}], "original_files": [...], "licence": {"name", "url", "gist"}, "kind": "model",
/// "editor", "autoencoder" or "lora"}]. Throws kInvalidFile, also for a path that leaves the
/// model's folder.
std::vector<RemoteModel> parse_catalogue(std::string_view json);

}  // namespace easel::fetch
