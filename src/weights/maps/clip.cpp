#include "weights/maps/clip.h"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "weights/key_table.h"

namespace easel {
namespace {

constexpr Renamed kBlock[] = {
    {"ln_1", "layer_norm1"},
    {"ln_2", "layer_norm2"},
    {"mlp.c_fc", "mlp.fc1"},
    {"mlp.c_proj", "mlp.fc2"},
    {"attn.out_proj", "self_attn.out_proj"},
};

constexpr std::string_view kBlocks = "transformer.resblocks.";
constexpr std::string_view kLayers = "text_model.encoder.layers.";
constexpr std::array<std::string_view, 3> kThirds = {"q_proj", "k_proj", "v_proj"};

// Rows [i n / 3, (i + 1) n / 3) of a tensor of n rows.
TensorSource third_of(const TensorSource& whole, int i) {
  const std::int64_t elements = whole.shape.elements() / 3, first = i * elements;
  std::vector<std::int64_t> dims;
  for (int d = 0; d < whole.shape.rank(); ++d) dims.push_back(whole.shape[d]);
  dims.front() /= 3;
  return {.shape = Shape(std::span<const std::int64_t>(dims)),
          .dtype = whole.dtype,
          .read = [read = whole.read, first](std::int64_t from, std::span<float> out) {
            read(first + from, out);
          }};
}

// A square matrix the other way round. It is read whole when first asked for.
TensorSource transposed(const TensorSource& matrix) {
  struct Values {
    std::once_flag once;
    std::vector<float> transposed;
  };
  const std::int64_t rows = matrix.shape[0], columns = matrix.shape[1];
  return {.shape = {columns, rows},
          .dtype = matrix.dtype,
          .read = [read = matrix.read, rows, columns, values = std::make_shared<Values>()](
                      std::int64_t first, std::span<float> out) {
            std::call_once(values->once, [&] {
              std::vector<float> original(static_cast<std::size_t>(rows * columns));
              read(0, original);
              values->transposed.resize(original.size());
              for (std::int64_t r = 0; r < rows; ++r) {
                for (std::int64_t c = 0; c < columns; ++c) {
                  values->transposed[static_cast<std::size_t>(c * rows + r)] =
                      original[static_cast<std::size_t>(r * columns + c)];
                }
              }
            });
            std::copy_n(values->transposed.begin() + first, out.size(), out.begin());
          }};
}

class Renaming {
 public:
  Renaming(const Weights& weights, std::string_view from, std::string_view to)
      : from_(from), to_(to) {
    for (const auto& [name, entry] : weights.entries()) {
      if (name.starts_with(from)) {
        add(std::string_view(name).substr(from.size()), name, entry);
      } else {
        put(name, name, entry);
      }
    }
  }

  Weights::Entries entries() && { return std::move(entries_); }

 private:
  void add(std::string_view name, const std::string& original, const Weights::Entry& entry) {
    if (name == "logit_scale" || name == "attn_mask") return;
    if (name == "text_projection") return add_projection(original, entry);
    if (name.ends_with("attn.in_proj_weight")) return add_thirds(name, original, "weight", entry);
    if (name.ends_with("attn.in_proj_bias")) return add_thirds(name, original, "bias", entry);
    put(renamed(name), original, entry);
  }

  std::string renamed(std::string_view name) const {
    if (name == "token_embedding.weight")
      return to_ + "text_model.embeddings.token_embedding.weight";
    if (name == "positional_embedding") {
      return to_ + "text_model.embeddings.position_embedding.weight";
    }
    if (name.starts_with("ln_final.")) {
      return to_ + "text_model.final_layer_norm." + std::string(name.substr(9));
    }
    if (!name.starts_with(kBlocks)) return to_ + std::string(name);
    const std::string_view rest = name.substr(kBlocks.size());
    const std::size_t dot = std::min(rest.find('.'), rest.size() - 1);
    KeyTable table;
    for (const Renamed& part : kBlock) table.add(std::string(part.from), std::string(part.to));
    return to_ + std::string(kLayers) + std::string(rest.substr(0, dot + 1)) +
           table(rest.substr(dot + 1));
  }

  void add_thirds(std::string_view name, const std::string& original, std::string_view leaf,
                  const Weights::Entry& entry) {
    const Shape& shape = entry.source.shape;
    if (shape.rank() < 1 || shape[0] % 3 != 0) {
      fail(ErrorCode::kInvalidFile, "'{}' has shape {}, wanted queries, keys and values in one",
           original, shape.text());
    }
    const std::string_view block = name.substr(kBlocks.size());
    const std::string layer(block.substr(0, block.find('.')));
    for (int i = 0; i < 3; ++i) {
      Weights::Entry part{.source = third_of(entry.source, i), .bytes = entry.bytes / 3};
      put(to_ + std::string(kLayers) + layer + ".self_attn." +
              std::string(kThirds[static_cast<std::size_t>(i)]) + "." + std::string(leaf),
          original, part);
    }
  }

  void add_projection(const std::string& original, const Weights::Entry& entry) {
    if (entry.source.shape.rank() != 2) {
      fail(ErrorCode::kInvalidFile, "'{}' has shape {}, wanted a matrix", original,
           entry.source.shape.text());
    }
    put(to_ + "text_projection.weight", original,
        {.source = transposed(entry.source), .bytes = entry.bytes});
  }

  void put(const std::string& name, const std::string& original, Weights::Entry entry) {
    if (entry.original_name.empty() && name != original) entry.original_name = original;
    if (entries_.emplace(name, std::move(entry)).second) return;
    fail(ErrorCode::kInvalidFile, "two tensors would be '{}'", name);
  }

  const std::string from_, to_;
  Weights::Entries entries_;
};

}  // namespace

Weights with_transformers_clip_names(const Weights& weights, std::string_view from,
                                     std::string_view to) {
  return Weights(weights.format(), Renaming(weights, from, to).entries(), weights.notes(),
                 weights.details());
}

}  // namespace easel
