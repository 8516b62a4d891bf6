#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "weights/formats/formats.h"
#include "weights/formats/stored_tensor.h"

namespace easel {
namespace {

constexpr std::int64_t kMaxIndex = std::int64_t{16} << 20;
constexpr std::size_t kMaxShards = 256;  // each holds a file open

// The two levels of an index that matter: {"weight_map": {tensor: shard}}; `metadata` is skipped.
class IndexReader final : public JsonEvents {
 public:
  explicit IndexReader(const std::string& file) : file_(file) {}

  std::map<std::string, std::string, std::less<>> shard_of;

  void on_null() override { value(); }
  void on_boolean(bool) override { value(); }
  void on_integer(std::int64_t) override { value(); }
  void on_unsigned(std::uint64_t) override { value(); }
  void on_real(double) override { value(); }

  void on_string(std::string& text) override {
    if (!in_map_) return value();
    if (shard_of.size() == kMaxTensors) problem("more tensors than are read");
    if (!is_clean_text(key_)) problem("not a tensor's name");
    if (!shard_of.emplace(key_, text).second) problem("a tensor is named twice");
  }

  void on_key(std::string& text) override {
    key_ = text;
    if (depth_ == 1 && key_ == "weight_map" && seen_map_) problem("'weight_map' is there twice");
  }

  void on_begin_object() override {
    if (in_map_) problem("'weight_map' holds something else than file names");
    if (depth_ == 1 && key_ == "weight_map") in_map_ = seen_map_ = true;
    return deeper();
  }

  void on_begin_array() override {
    if (in_map_) problem("'weight_map' holds something else than file names");
    return deeper();
  }

  void on_end_object() override {
    if (--depth_ == 1) in_map_ = false;
  }

  void on_end_array() override { --depth_; }

 private:
  void value() {
    if (in_map_) problem("'weight_map' holds something else than file names");
    if (depth_ == 1 && key_ == "weight_map") problem("'weight_map' is not an object");
  }

  void deeper() {
    if (++depth_ > 16) problem("it is nested too deeply");
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

constexpr std::string_view kSafetensors = ".safetensors";

// A shard lies beside its index: no other folder can be named.
bool is_plain_file_name(std::string_view name) {
  const bool known = name.ends_with(kSafetensors) || name.ends_with(".bin");
  return known && name.size() <= 255 && name.front() != '.' &&
         name.find_first_of("/\\:") == std::string_view::npos && is_clean_text(name);
}

using ShardOf = std::map<std::string, std::string, std::less<>>;  // by tensor

ShardOf read_weight_map(const File& file) {
  if (file.size() > kMaxIndex) {
    fail(ErrorCode::kInvalidFile, "the index '{}' has {} bytes, at most {} are read", file.name(),
         file.size(), kMaxIndex);
  }
  const std::vector<std::byte> text = file.read_at(0, file.size());
  if (std::find(text.begin(), text.end(), std::byte{0}) != text.end()) {
    fail(ErrorCode::kInvalidFile, "the index '{}' is not JSON", file.name());
  }
  IndexReader reader(file.name());
  const auto* begin = reinterpret_cast<const char*>(text.data());
  if (const auto broken = read_json({begin, text.size()}, reader)) {
    fail(ErrorCode::kInvalidFile, "the index '{}' is not JSON at byte {}", file.name(), *broken);
  }
  if (reader.shard_of.empty()) {
    fail(ErrorCode::kInvalidFile,
         "'{}' has no 'weight_map', so it is not the index of a model's shards", file.name());
  }
  return std::move(reader.shard_of);
}

std::set<std::string> shards_in(const ShardOf& shard_of, const std::string& index) {
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : shard_of) {
    if (!is_plain_file_name(shard)) {
      fail(ErrorCode::kInvalidFile,
           "the index '{}' names the shard '{}', wanted the name of a .safetensors or .bin file "
           "beside it",
           index, printable(shard));
    }
    shards.insert(shard);
    if (shards.size() > kMaxShards) {
      fail(ErrorCode::kUnsupported, "the index '{}' names more than {} shards", index, kMaxShards);
    }
  }
  return shards;
}

// The tensors of all shards that the index says are there.
struct Gathered {
  Weights::Entries entries;
  std::vector<std::string> notes;
  WeightsDetails details;

  void add(const std::string& shard, const Weights& part, const ShardOf& shard_of) {
    add_details(details, part.details());
    std::size_t extra = 0;
    for (const auto& [name, entry] : part.entries()) {
      const auto mapped = shard_of.find(name);
      if (mapped != shard_of.end() && mapped->second == shard) {
        entries.emplace(name, entry);
      } else {
        ++extra;
      }
    }
    if (extra == 0) return;
    notes.push_back(fmt::format("{} tensors of '{}' are not in the index: ignored", extra, shard));
  }
};

}  // namespace

Weights read_shard_index(const std::shared_ptr<const File>& file,
                         const std::filesystem::path& folder) {
  const ShardOf shard_of = read_weight_map(*file);
  Gathered gathered;
  for (const std::string& shard : shards_in(shard_of, file->name())) {
    const auto opened = File::open(folder / shard);
    const bool plain = shard.ends_with(kSafetensors);
    gathered.add(shard, plain ? read_safetensors(opened) : read_torch(opened), shard_of);
  }
  for (const auto& [tensor, shard] : shard_of) {
    if (!gathered.entries.contains(tensor)) {
      fail(ErrorCode::kInvalidFile,
           "the tensor '{}' is not in '{}', where the index '{}' says it is", tensor, shard,
           file->name());
    }
  }
  const bool pickled = gathered.details.has_pickle;
  return Weights(pickled ? WeightsFormat::kTorchZip : WeightsFormat::kSafetensors,
                 std::move(gathered.entries), std::move(gathered.notes),
                 std::move(gathered.details));
}

}  // namespace easel
