#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/weights.h"

namespace easel {

/// "safetensors", "PyTorch zip archive", ….
std::string_view name_of(WeightsFormat format);

struct DTypeSummary {
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;
};

/// One network of a model file.
struct PartSummary {
  std::string prefix;  ///< "model.diffusion_model", or "" for all that is in no part
  std::string role;    ///< "UNet", "text encoder", …; empty when not known
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;
  std::map<DType, DTypeSummary> dtypes;
};

/// A network that files of some kind hold.
struct NamedPart {
  std::string_view prefix;  ///< "model.diffusion_model"
  std::string_view role;    ///< "UNet"
};

/// The parts of a model in the file's order of names: those `known` by their prefixes, the first
/// that fits; other tensors by the first component of their names where these are few.
std::vector<PartSummary> summarize_parts(const Weights& weights, std::span<const NamedPart> known);

/// Whether a file is safe to open, and why, for a person.
struct SafetySummary {
  bool safe_here = true;       ///< opening it runs nothing in this program: always so
  bool safe_elsewhere = true;  ///< nor would another program that loads it plainly run foreign code
  std::string text;
  std::vector<std::string> suspicious;  ///< names that no honest checkpoint calls ("posix.system")
};
SafetySummary summarize_safety(const Weights& weights);

/// Reads every byte of a zip archive's entries and compares checksums; nothing to do for the other
/// formats, which have none. Throws kInvalidFile naming the first entry that is damaged.
void verify_checksums(const std::filesystem::path& file);

}  // namespace easel
