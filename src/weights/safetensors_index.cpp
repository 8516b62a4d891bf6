#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "weights/formats.h"
#include "weights/stored_tensor.h"

namespace easel {
namespace {

constexpr std::int64_t kMaxIndex = std::int64_t{16} << 20;
constexpr std::size_t kMaxShards = 256;  // each holds a file open

// The two levels of an index that matter: {"weight_map": {tensor: shard}}; `metadata` is skipped.
class IndexReader {
 public:
  explicit IndexReader(const std::string& file) : file_(file) {}

  std::map<std::string, std::string, std::less<>> shard_of;

  bool null() { return value(); }
  bool boolean(bool) { return value(); }
  bool number_integer(std::int64_t) { return value(); }
  bool number_unsigned(std::uint64_t) { return value(); }
  bool number_float(double, const std::string&) { return value(); }
  bool binary(nlohmann::json::binary_t&) { return value(); }

  bool string(std::string& text) {
    if (!in_map_) return value();
    if (shard_of.size() == kMaxTensors) problem("more tensors than are read");
    if (!is_clean_text(key_)) problem("not a tensor's name");
    if (!shard_of.emplace(key_, text).second) problem("a tensor is named twice");
    return true;
  }

  bool key(std::string& text) {
    key_ = text;
    if (depth_ == 1 && key_ == "weight_map" && seen_map_) problem("'weight_map' is there twice");
    return true;
  }

  bool start_object(std::size_t) {
    if (in_map_) problem("'weight_map' holds something else than file names");
    if (depth_ == 1 && key_ == "weight_map") in_map_ = seen_map_ = true;
    return deeper();
  }

  bool start_array(std::size_t) {
    if (in_map_) problem("'weight_map' holds something else than file names");
    return deeper();
  }

  bool end_object() {
    if (--depth_ == 1) in_map_ = false;
    return true;
  }

  bool end_array() {
    --depth_;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    fail(ErrorCode::kInvalidFile, "the index '{}' is not JSON at byte {}", file_, position);
  }

 private:
  bool value() {
    if (in_map_) problem("'weight_map' holds something else than file names");
    if (depth_ == 1 && key_ == "weight_map") problem("'weight_map' is not an object");
    return true;
  }

  bool deeper() {
    if (++depth_ > 16) problem("it is nested too deeply");
    return true;
  }

  [[noreturn]] void problem(std::string_view what) {
    fail(ErrorCode::kInvalidFile, "the index '{}': {} at '{}'", file_, what, printable(key_));
  }

  std::string file_;
  std::string key_;
  int depth_ = 0;
  bool in_map_ = false;
  bool seen_map_ = false;
};

// A shard lies beside its index: no other folder can be named.
bool is_plain_file_name(std::string_view name) {
  return name.ends_with(".safetensors") && name.size() <= 255 && name.front() != '.' &&
         name.find_first_of("/\\:") == std::string_view::npos && is_clean_text(name);
}

}  // namespace

Weights read_safetensors_index(const std::shared_ptr<const File>& file,
                               const std::filesystem::path& folder) {
  if (file->size() > kMaxIndex) {
    fail(ErrorCode::kInvalidFile, "the index '{}' has {} bytes, at most {} are read", file->name(),
         file->size(), kMaxIndex);
  }
  const std::vector<std::byte> text = file->read_at(0, file->size());
  if (std::find(text.begin(), text.end(), std::byte{0}) != text.end()) {
    fail(ErrorCode::kInvalidFile, "the index '{}' is not JSON", file->name());
  }
  IndexReader reader(file->name());
  const auto* begin = reinterpret_cast<const char*>(text.data());
  nlohmann::json::sax_parse(begin, begin + text.size(), &reader);
  if (reader.shard_of.empty()) {
    fail(ErrorCode::kInvalidFile, "'{}' has no 'weight_map', so it is not a safetensors index",
         file->name());
  }

  std::set<std::string> shards;
  for (const auto& [tensor, shard] : reader.shard_of) {
    if (!is_plain_file_name(shard)) {
      fail(ErrorCode::kInvalidFile,
           "the index '{}' names the shard '{}', wanted the name of a .safetensors file beside it",
           file->name(), printable(shard));
    }
    shards.insert(shard);
    if (shards.size() > kMaxShards) {
      fail(ErrorCode::kUnsupported, "the index '{}' names more than {} shards", file->name(),
           kMaxShards);
    }
  }

  Weights::Entries entries;
  std::vector<std::string> notes;
  for (const std::string& shard : shards) {
    const Weights part = read_safetensors(File::open(folder / shard));
    std::size_t extra = 0;
    for (const auto& [name, entry] : part.entries()) {
      const auto mapped = reader.shard_of.find(name);
      if (mapped != reader.shard_of.end() && mapped->second == shard) {
        entries.emplace(name, entry);
      } else {
        ++extra;
      }
    }
    if (extra > 0) {
      notes.push_back(
          fmt::format("{} tensors of '{}' are not in the index: ignored", extra, shard));
    }
  }
  for (const auto& [tensor, shard] : reader.shard_of) {
    if (!entries.contains(tensor)) {
      fail(ErrorCode::kInvalidFile,
           "the tensor '{}' is not in '{}', where the index '{}' says it is", tensor, shard,
           file->name());
    }
  }
  return Weights(WeightsFormat::kSafetensors, std::move(entries), std::move(notes));
}

}  // namespace easel
