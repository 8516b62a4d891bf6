#include "weights/changes/eight_bits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

constexpr float kMostValue = 127;
constexpr float kLeastScale = 0x1p-14f;  // the smallest normal float16

/// A weight's rows: [rows][channels][taps].
struct MatrixForm {
  std::int64_t rows = 0, channels = 0, taps = 1;

  explicit MatrixForm(const Shape& shape) : rows(shape[0]), channels(shape[1]) {
    for (int i = 2; i < shape.rank(); ++i) taps *= shape[i];
  }
  std::int64_t row_size() const { return channels * taps; }
  std::int64_t scales() const { return taps * blocks_of(channels); }
};

std::uint16_t scale_of(float most) {
  return float_to_half(std::max(most / kMostValue, kLeastScale));
}

// `terms` weights `stride` apart, at most a block of them, and the bits of their scale. A whole
// block is looked at each time, so that the compiler makes vectors of the loops.
std::uint16_t narrow_block(const float* weights, std::int64_t terms, std::int64_t stride,
                           std::int8_t* values) {
  std::array<float, kEightBitBlock> block{};
  for (std::int64_t i = 0; i < terms; ++i) block[static_cast<std::size_t>(i)] = weights[i * stride];
  float most = 0;
  for (const float weight : block) most = std::max(most, std::abs(weight));
  const std::uint16_t scale = scale_of(most);
  const float inverse = 1 / half_to_float(scale);
  std::array<std::int8_t, kEightBitBlock> whole;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const float value = std::clamp(block[i] * inverse, -kMostValue, kMostValue);
    whole[i] = static_cast<std::int8_t>(static_cast<int>(std::rint(value)));
  }
  for (std::int64_t i = 0; i < terms; ++i) values[i * stride] = whole[static_cast<std::size_t>(i)];
  return scale;
}

/// One row in both forms.
struct Row {
  explicit Row(const MatrixForm& form)
      : floats(static_cast<std::size_t>(form.row_size())),
        values(static_cast<std::size_t>(form.row_size())),
        scales(static_cast<std::size_t>(form.scales())) {}

  void narrow(const MatrixForm& form) { to_eight_bits(floats, form.taps, values, scales); }

  // values times their scales.
  void widen(const MatrixForm& form) {
    for (std::int64_t block = 0; block < form.scales(); ++block) {
      const std::int64_t tap = block / blocks_of(form.channels);
      const std::int64_t first = block % blocks_of(form.channels) * kEightBitBlock;
      const std::int64_t last = std::min(form.channels, first + kEightBitBlock);
      const float scale = half_to_float(scales[static_cast<std::size_t>(block)]);
      for (std::int64_t c = first; c < last; ++c) {
        const auto at = static_cast<std::size_t>(c * form.taps + tap);
        floats[at] = static_cast<float>(values[at]) * scale;
      }
    }
  }

  std::vector<float> floats;
  std::vector<std::int8_t> values;
  std::vector<std::uint16_t> scales;
};

// Calls use(row, first element wanted of it, how many) for the rows that elements [first, first +
// count) lie in.
template <typename Use>
void for_rows(const MatrixForm& form, std::int64_t first, std::int64_t count, Use&& use) {
  while (count > 0) {
    const std::int64_t row = first / form.row_size(), from = first % form.row_size();
    const std::int64_t these = std::min(count, form.row_size() - from);
    use(row, from, these);
    first += these;
    count -= these;
  }
}

using ReadFloats = std::function<void(std::int64_t first, std::span<float> out)>;

// 8 bits have no way to say that a value is none.
void require_numbers(std::span<const float> row, const std::string& name) {
  if (std::ranges::all_of(row, [](float value) { return std::isfinite(value); })) return;
  fail(ErrorCode::kInvalidFile, "'{}' in the model's file holds values that are no numbers",
       printable(name));
}

ReadFloats narrowed(ReadFloats read, const MatrixForm& form, const std::string& name) {
  return [read = std::move(read), form, name](std::int64_t first, std::span<float> out) {
    Row row(form);
    for_rows(form, first, std::ssize(out),
             [&](std::int64_t index, std::int64_t from, std::int64_t count) {
               read(index * form.row_size(), row.floats);
               require_numbers(row.floats, name);
               row.narrow(form);
               row.widen(form);
               std::copy_n(row.floats.begin() + from, count, out.begin());
               out = out.subspan(static_cast<std::size_t>(count));
             });
  };
}

// The part of a name that says which network a tensor is of.
bool is_of_autoencoder(std::string_view name) {
  for (const std::string_view place : {"first_stage_model.", "vae.", "taesd.", "decoder.",
                                       "encoder.", "quant_conv.", "post_quant_conv."}) {
    if (name.starts_with(place)) return true;
  }
  return false;
}

bool is_at_an_end(std::string_view name) {
  return name.ends_with("input_blocks.0.0.weight") || name.ends_with(".out.2.weight") ||
         name == "out.2.weight";
}

}  // namespace

std::int64_t blocks_of(std::int64_t channels) {
  return (channels + kEightBitBlock - 1) / kEightBitBlock;
}

void to_eight_bits(std::span<const float> row, std::int64_t taps, std::span<std::int8_t> values,
                   std::span<std::uint16_t> scales) {
  const std::int64_t channels = std::ssize(row) / taps, blocks = blocks_of(channels);
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t first = block * kEightBitBlock;
      const std::int64_t terms = std::min(kEightBitBlock, channels - first);
      const auto at = static_cast<std::size_t>(first * taps + tap);
      scales[static_cast<std::size_t>(tap * blocks + block)] =
          narrow_block(row.data() + at, terms, taps, values.data() + at);
    }
  }
}

bool may_be_in_eight_bits(std::string_view name, const Shape& shape) {
  if (!name.ends_with(".weight") || (shape.rank() != 2 && shape.rank() != 4)) return false;
  if (is_of_autoencoder(name) || is_at_an_end(name)) return false;
  return !name.ends_with("embedding.weight") && !name.ends_with("emb.weight");
}

Weights in_eight_bits(const Weights& model) {
  Weights::Entries entries;
  for (const auto& [name, entry] : model.entries()) {
    Weights::Entry changed = entry;
    if (entry.source.dtype != DType::kI8 && may_be_in_eight_bits(name, entry.source.shape)) {
      changed.source.dtype = DType::kI8;
      changed.source.read = narrowed(entry.source.read, MatrixForm(entry.source.shape), name);
      changed.read_stored = {};
    }
    entries.emplace(name, std::move(changed));
  }
  return {model.format(), std::move(entries), model.notes(), model.details()};
}

EightBitTensors eight_bit_tensors(const Weights::Entry& matrix) {
  const MatrixForm form(matrix.source.shape);
  const ReadFloats read = matrix.source.read;
  EightBitTensors two;
  two.values.source = {.shape = matrix.source.shape, .dtype = DType::kI8, .read = {}};
  two.values.read_stored = [form, read](std::int64_t first, std::span<std::byte> out) {
    Row row(form);
    for_rows(form, first, std::ssize(out),
             [&](std::int64_t index, std::int64_t from, std::int64_t count) {
               read(index * form.row_size(), row.floats);
               row.narrow(form);
               std::memcpy(out.data(), row.values.data() + from, static_cast<std::size_t>(count));
               out = out.subspan(static_cast<std::size_t>(count));
             });
  };
  MatrixForm scales = form;
  scales.channels = form.scales();
  scales.taps = 1;
  two.scales.source = {.shape = {form.rows, form.taps, blocks_of(form.channels)},
                       .dtype = DType::kF16,
                       .read = [form, scales, read](std::int64_t first, std::span<float> out) {
                         Row row(form);
                         for_rows(scales, first, std::ssize(out),
                                  [&](std::int64_t index, std::int64_t from, std::int64_t count) {
                                    read(index * form.row_size(), row.floats);
                                    row.narrow(form);
                                    for (std::int64_t i = 0; i < count; ++i) {
                                      out[static_cast<std::size_t>(i)] = half_to_float(
                                          row.scales[static_cast<std::size_t>(from + i)]);
                                    }
                                    out = out.subspan(static_cast<std::size_t>(count));
                                  });
                       }};
  return two;
}

namespace {

// What a matrix of a file reads as: whole numbers times scales.
ReadFloats scaled(const Weights::Entry& values, const Weights::Entry& scales,
                  const MatrixForm& form) {
  return [values = values.source.read, scales = scales.source.read, form](std::int64_t first,
                                                                          std::span<float> out) {
    std::vector<float> mine(static_cast<std::size_t>(form.scales()));
    const std::int64_t blocks = blocks_of(form.channels);
    for_rows(form, first, std::ssize(out),
             [&](std::int64_t row, std::int64_t from, std::int64_t count) {
               scales(row * form.scales(), mine);
               values(row * form.row_size() + from, out.first(static_cast<std::size_t>(count)));
               for (std::int64_t i = 0; i < count; ++i) {
                 const std::int64_t tap = (from + i) % form.taps, c = (from + i) / form.taps;
                 out[static_cast<std::size_t>(i)] *=
                     mine[static_cast<std::size_t>(tap * blocks + c / kEightBitBlock)];
               }
               out = out.subspan(static_cast<std::size_t>(count));
             });
  };
}

}  // namespace

Weights with_eight_bits_of_file(const Weights& file) {
  if (!file.details().metadata.contains(kMarkOfEightBits)) return file;
  Weights::Entries entries;
  for (const auto& [name, entry] : file.entries()) {
    if (name.ends_with(kScalesOfEightBits)) continue;
    const Weights::Entry* scales = file.find(name + kScalesOfEightBits);
    Weights::Entry changed = entry;
    if (scales != nullptr) {
      const Shape& shape = entry.source.shape;
      const bool matrix = shape.rank() == 2 || shape.rank() == 4;
      if (!matrix ||
          scales->source.shape.elements() != MatrixForm(shape).rows * MatrixForm(shape).scales()) {
        fail(ErrorCode::kInvalidFile, "the scales of '{}' have the shape {}, its weights {}",
             printable(name), scales->source.shape.text(), shape.text());
      }
      changed.source.read = scaled(entry, *scales, MatrixForm(shape));
      changed.source.dtype = DType::kI8;
      changed.read_stored = {};
    }
    entries.emplace(name, std::move(changed));
  }
  return {file.format(), std::move(entries), file.notes(), file.details()};
}

}  // namespace easel
