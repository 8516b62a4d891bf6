#include "weights/formats/safetensors_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/output_file.h"
#include "weights/formats/stored_tensor.h"

namespace easel {
namespace {

constexpr std::int64_t kPieceElements = std::int64_t{1} << 18;

bool is_float(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16 ||
         dtype == DType::kF64;
}

bool copies_exactly(const TensorToWrite& tensor) {
  return tensor.dtype == tensor.entry.source.dtype && tensor.entry.read_stored != nullptr;
}

void check(std::span<const TensorToWrite> tensors) {
  std::set<std::string_view> names;
  for (const TensorToWrite& tensor : tensors) {
    if (!names.insert(tensor.name).second || tensor.name == "__metadata__" ||
        !is_clean_text(tensor.name)) {
      fail(ErrorCode::kUnsupported, "a tensor cannot be written under the name '{}'",
           printable(tensor.name));
    }
    const bool narrow =
        tensor.dtype == DType::kF32 || tensor.dtype == DType::kF16 || tensor.dtype == DType::kBF16;
    if (!copies_exactly(tensor) && !narrow) {
      fail(ErrorCode::kUnsupported, "the tensor '{}' is {}, which cannot become {}", tensor.name,
           name_of(tensor.entry.source.dtype), name_of(tensor.dtype));
    }
  }
}

// As the reference writer orders them: wide types first, so that every tensor is aligned.
std::vector<const TensorToWrite*> in_file_order(std::span<const TensorToWrite> tensors) {
  std::vector<const TensorToWrite*> order;
  for (const TensorToWrite& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const TensorToWrite* a, const TensorToWrite* b) {
    if (size_of(a->dtype) != size_of(b->dtype)) return size_of(a->dtype) > size_of(b->dtype);
    return a->name < b->name;
  });
  return order;
}

std::string header_of(const std::vector<const TensorToWrite*>& order,
                      const std::map<std::string, std::string>& metadata, std::int64_t& end) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  end = 0;
  // Built as text: ordered_json looks a key up by walking all before it.
  std::string text = header.dump();
  text.pop_back();
  for (const TensorToWrite* tensor : order) {
    const Shape& shape = tensor->entry.source.shape;
    const std::int64_t begin = end;
    end += stored_bytes(shape.dims(), tensor->dtype).value();
    Json info;
    info["dtype"] = name_of(tensor->dtype);
    info["shape"] = std::vector<std::int64_t>(shape.dims().begin(), shape.dims().end());
    info["data_offsets"] = {begin, end};
    if (text.size() > 1) text += ',';
    text += Json(tensor->name).dump() + ":" + info.dump();
  }
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

class TensorWriter {
 public:
  TensorWriter(OutputFile& file, const SafetensorsOptions& options, std::int64_t total)
      : file_(file),
        options_(options),
        total_(total),
        floats_(std::make_unique_for_overwrite<float[]>(kPieceElements)),
        stored_(std::make_unique_for_overwrite<std::byte[]>(kPieceElements * 8)) {}

  void write(const TensorToWrite& tensor) {
    const std::int64_t elements = tensor.entry.source.shape.elements();
    for (std::int64_t first = 0; first < elements; first += kPieceElements) {
      if (options_.cancel != nullptr) options_.cancel->check();
      const auto count = static_cast<std::size_t>(std::min(kPieceElements, elements - first));
      const std::span<std::byte> out(stored_.get(), count * size_of(tensor.dtype));
      if (copies_exactly(tensor)) {
        tensor.entry.read_stored(first, out);
      } else {
        const std::span<float> values(floats_.get(), count);
        tensor.entry.source.read(first, values);
        convert(values, tensor.dtype, out);
      }
      file_.write(out);
      done_ += static_cast<std::int64_t>(out.size());
      if (options_.progress) options_.progress(done_, total_);
    }
  }

  std::int64_t overflowed() const { return overflowed_; }

 private:
  void convert(std::span<const float> values, DType dtype, std::span<std::byte> out) {
    if (dtype == DType::kF32) {
      std::memcpy(out.data(), values.data(), values.size_bytes());
      return;
    }
    const bool half = dtype == DType::kF16;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t bits = half ? float_to_half(values[i]) : float_to_bfloat16(values[i]);
      const std::uint16_t infinity = half ? 0x7c00u : 0x7f80u;
      if ((bits & 0x7fffu) == infinity && std::isfinite(values[i])) ++overflowed_;
      std::memcpy(out.data() + i * sizeof(bits), &bits, sizeof(bits));
    }
  }

  OutputFile& file_;
  const SafetensorsOptions& options_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  std::int64_t overflowed_ = 0;
  std::unique_ptr<float[]> floats_;
  std::unique_ptr<std::byte[]> stored_;
};

}  // namespace

SafetensorsReport write_safetensors(const std::filesystem::path& path,
                                    std::span<const TensorToWrite> tensors,
                                    const SafetensorsOptions& options) {
  check(tensors);
  const std::vector<const TensorToWrite*> order = in_file_order(tensors);
  std::int64_t data_bytes = 0;
  const std::string header = header_of(order, options.metadata, data_bytes);
  const std::uint64_t length = header.size();
  const std::int64_t bytes = 8 + static_cast<std::int64_t>(header.size()) + data_bytes;

  OutputFile file({.path = path,
                   .bytes = bytes,
                   .if_exists = options.overwrite ? IfExists::kReplace : IfExists::kRefuse});
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(std::as_bytes(std::span(header)));
  TensorWriter writer(file, options, data_bytes);
  for (const TensorToWrite* tensor : order) writer.write(*tensor);
  file.publish();
  return {.bytes = bytes, .overflowed = writer.overflowed()};
}

DType converted_dtype(DType stored, DType floats) { return is_float(stored) ? floats : stored; }

}  // namespace easel
