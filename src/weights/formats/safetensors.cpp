#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "weights/formats/formats.h"
#include "weights/formats/stored_tensor.h"

namespace easel {
namespace {

constexpr std::int64_t kMaxHeader = std::int64_t{16} << 20;
constexpr std::size_t kMaxName = std::size_t{64} << 10;

struct HeaderTensor {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> offsets;
  bool has_dtype = false;
  bool has_shape = false;
  bool has_offsets = false;
};

// What a header may hold. The parser keeps its own stack, so depth costs nothing here:
// the first bracket that does not belong ends it.
class HeaderReader final : public JsonEvents {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}

  std::vector<HeaderTensor> tensors;
  std::map<std::string, std::string> metadata;

  void on_null() override { reject("null"); }
  void on_boolean(bool) override { reject("a boolean"); }
  void on_integer(std::int64_t) override { reject("a negative number"); }
  void on_real(double) override { reject("a number that is not an integer"); }

  void on_unsigned(std::uint64_t value) override {
    if (state_ != State::kShape && state_ != State::kOffsets) reject("a number");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail_here("the number {} is too large", value);
    }
    auto& numbers = state_ == State::kShape ? tensors.back().shape : tensors.back().offsets;
    const std::size_t limit = state_ == State::kShape ? Shape::kMaxRank : 2;
    if (numbers.size() == limit) fail_here("a list has more than {} numbers", limit);
    numbers.push_back(static_cast<std::int64_t>(value));
  }

  void on_string(std::string& value) override {
    if (state_ == State::kMetadata) {
      if (!metadata.emplace(key_, value).second) fail_here("duplicate key '{}'", printable(key_));
      return;
    }
    if (state_ != State::kTensor || key_ != "dtype") reject("a string");
    tensors.back().dtype = value;
    tensors.back().has_dtype = true;
  }

  void on_key(std::string& value) override {
    key_ = value;
    if (state_ == State::kTop) return begin_entry();
    if (state_ == State::kMetadata) return;
    const HeaderTensor& tensor = tensors.back();
    const bool known = key_ == "dtype" || key_ == "shape" || key_ == "data_offsets";
    if (!known) fail_here("unknown field '{}'", printable(key_));
    if ((key_ == "dtype" && tensor.has_dtype) || (key_ == "shape" && tensor.has_shape) ||
        (key_ == "data_offsets" && tensor.has_offsets)) {
      fail_here("duplicate key '{}'", key_);
    }
  }

  void on_begin_object() override {
    switch (state_) {
      case State::kStart:
        state_ = State::kTop;
        return;
      case State::kTop:
        state_ = in_metadata_ ? State::kMetadata : State::kTensor;
        return;
      case State::kMetadata:
      case State::kTensor:
      case State::kShape:
      case State::kOffsets:
        break;
    }
    reject("an object");
  }

  void on_end_object() override {
    if (state_ == State::kTensor) {
      const HeaderTensor& tensor = tensors.back();
      if (!tensor.has_dtype) fail_here("the field 'dtype' is missing");
      if (!tensor.has_shape) fail_here("the field 'shape' is missing");
      if (!tensor.has_offsets) fail_here("the field 'data_offsets' is missing");
    }
    state_ = State::kTop;
  }

  void on_begin_array() override {
    if (state_ != State::kTensor || key_ == "dtype") reject("a list");
    state_ = key_ == "shape" ? State::kShape : State::kOffsets;
    (state_ == State::kShape ? tensors.back().has_shape : tensors.back().has_offsets) = true;
  }

  void on_end_array() override {
    if (state_ == State::kOffsets && tensors.back().offsets.size() != 2) {
      fail_here("'data_offsets' has {} numbers, wanted 2", tensors.back().offsets.size());
    }
    state_ = State::kTensor;
  }

 private:
  enum class State { kStart, kTop, kMetadata, kTensor, kShape, kOffsets };

  void begin_entry() {
    in_metadata_ = key_ == "__metadata__";
    if (in_metadata_) {
      if (seen_metadata_) fail_here("duplicate key '__metadata__'");
      seen_metadata_ = true;
      return;
    }
    if (key_.size() > kMaxName || !is_clean_text(key_)) fail_here("not a tensor's name");
    if (tensors.size() == kMaxTensors) fail_here("more than {} tensors", kMaxTensors);
    tensors.emplace_back().name = key_;
  }

  [[noreturn]] void reject(std::string_view what) { fail_here("{} where it cannot be", what); }

  template <typename... Args>
  [[noreturn]] void fail_here(fmt::format_string<Args...> format, Args&&... args) {
    const std::string problem = fmt::format(format, std::forward<Args>(args)...);
    const std::string where =
        state_ == State::kStart
            ? "its start"
            : "'" + printable(tensors.empty() || in_metadata_ ? key_ : tensors.back().name) + "'";
    fail(ErrorCode::kInvalidFile, "the header of '{}': {} at {}", file_, problem, where);
  }

  std::string file_;
  State state_ = State::kStart;
  std::string key_;
  bool in_metadata_ = false;
  bool seen_metadata_ = false;
};

DType dtype_named(const HeaderTensor& tensor, const std::string& file) {
  for (const DType dtype :
       {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kF8E4M3, DType::kF8E5M2,
        DType::kI64, DType::kI32, DType::kI16, DType::kI8, DType::kU8, DType::kBool}) {
    if (tensor.dtype == name_of(dtype)) return dtype;
  }
  static constexpr std::string_view kOthers[] = {"F4",          "F6_E2M3",     "F6_E3M2", "F8_E8M0",
                                                 "F8_E5M2FNUZ", "F8_E4M3FNUZ", "U16",     "U32",
                                                 "U64",         "C64"};
  const bool known =
      std::find(std::begin(kOthers), std::end(kOthers), tensor.dtype) != std::end(kOthers);
  fail(known ? ErrorCode::kUnsupported : ErrorCode::kInvalidFile,
       "the tensor '{}' of '{}' has the type '{}', wanted one of F64, F32, F16, BF16, "
       "F8_E4M3, F8_E5M2, I64, I32, I16, I8, U8, BOOL",
       tensor.name, file, printable(tensor.dtype));
}

// Header length N, then N bytes of JSON from '{' to '}' and spaces.
std::vector<std::byte> read_header(const File& file) {
  if (file.size() < 8) {
    fail(ErrorCode::kInvalidFile, "'{}' has {} bytes, too few for a safetensors file", file.name(),
         file.size());
  }
  std::uint64_t length = 0;
  file.read_at(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length > static_cast<std::uint64_t>(kMaxHeader)) {
    fail(ErrorCode::kInvalidFile, "the header of '{}' claims {} bytes, at most {} are read",
         file.name(), length, kMaxHeader);
  }
  if (static_cast<std::int64_t>(length) > file.size() - 8) {
    fail(ErrorCode::kInvalidFile, "the header of '{}' claims {} bytes, only {} follow", file.name(),
         length, file.size() - 8);
  }
  std::vector<std::byte> header = file.read_at(8, static_cast<std::int64_t>(length));
  while (!header.empty() && header.back() == std::byte{' '}) header.pop_back();
  const bool has_zero = std::find(header.begin(), header.end(), std::byte{0}) != header.end();
  if (header.empty() || header.front() != std::byte{'{'} || header.back() != std::byte{'}'} ||
      has_zero) {
    fail(ErrorCode::kInvalidFile, "the header of '{}' is not a JSON object", file.name());
  }
  return header;
}

// Every byte of the data belongs to exactly one tensor: what is hidden in no tensor could be
// another kind of file.
void check_layout(const std::vector<HeaderTensor>& tensors, std::int64_t data_bytes,
                  const std::string& file) {
  std::vector<const HeaderTensor*> sorted;
  sorted.reserve(tensors.size());
  for (const HeaderTensor& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->offsets < b->offsets; });
  std::int64_t end = 0;
  for (const HeaderTensor* tensor : sorted) {
    if (tensor->offsets[0] != end || tensor->offsets[1] < end) {
      fail(ErrorCode::kInvalidFile,
           "the tensor '{}' of '{}' lies at [{}, {}), wanted to start at {}", tensor->name, file,
           tensor->offsets[0], tensor->offsets[1], end);
    }
    end = tensor->offsets[1];
  }
  if (end != data_bytes) {
    fail(ErrorCode::kInvalidFile, "the tensors of '{}' take {} bytes, the file holds {}", file, end,
         data_bytes);
  }
}

}  // namespace

Weights read_safetensors(const std::shared_ptr<const File>& file) {
  const std::vector<std::byte> header = read_header(*file);
  HeaderReader reader(file->name());
  const auto* text = reinterpret_cast<const char*>(header.data());
  if (const auto broken = read_json({text, header.size()}, reader)) {
    fail(ErrorCode::kInvalidFile, "the header of '{}' is not JSON at byte {}", file->name(),
         *broken);
  }

  std::uint64_t length = 0;
  file->read_at(0, std::as_writable_bytes(std::span(&length, 1)));
  const std::int64_t data = 8 + static_cast<std::int64_t>(length);
  check_layout(reader.tensors, file->size() - data, file->name());

  Weights::Entries entries;
  for (const HeaderTensor& tensor : reader.tensors) {
    const DType dtype = dtype_named(tensor, file->name());
    const std::int64_t claimed = tensor.offsets[1] - tensor.offsets[0];
    if (stored_bytes(tensor.shape, dtype) != claimed) {
      fail(ErrorCode::kInvalidFile,
           "the tensor '{}' of '{}' has {} bytes, which is not what {} [{}] takes", tensor.name,
           file->name(), claimed, tensor.dtype, fmt::join(tensor.shape, ", "));
    }
    const Shape shape{std::span<const std::int64_t>(tensor.shape)};
    auto entry = make_entry(
        {.file = file, .offset = data + tensor.offsets[0], .dtype = dtype, .shape = shape});
    if (!entries.emplace(tensor.name, std::move(entry)).second) {
      fail(ErrorCode::kInvalidFile, "the tensor '{}' is twice in '{}'", tensor.name, file->name());
    }
  }
  return Weights(WeightsFormat::kSafetensors, std::move(entries), {},
                 {.metadata = std::move(reader.metadata)});
}

}  // namespace easel
