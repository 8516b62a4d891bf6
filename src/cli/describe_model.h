#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "pipeline/families.h"
#include "pipeline/upscaler_check.h"
#include "weights/formats/describe.h"

namespace easel::cli {

/// What `easel inspect` says of a model file.
struct ModelReport {
  std::string format;
  ModelKind family;
  std::int64_t bytes = 0;  ///< on disk
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;
  std::vector<PartSummary> parts;
  SafetySummary safety;
  std::vector<std::string> notes;
  bool verified = false;
  /// Where it draws: what is known once its configuration and vocabulary are found …
  std::optional<ModelInfo> info;
  std::int64_t memory_fp32 = 0;  ///< bytes at the peak of one picture of the native size
  std::int64_t memory_fp16 = 0;
  std::optional<UpscalerFacts> upscaler;  ///< where it enlarges
  std::string missing;  ///< … else why it cannot draw or enlarge as it lies there
};

struct DescribeOptions {
  std::string config;
  std::string vocab;
  bool verify = false;  ///< read everything and compare checksums
};

/// Reads the directory of a model file or folder; weights only with `verify`.
/// Throws as open_model_weights.
ModelReport describe_model(const std::filesystem::path& path, const DescribeOptions& options);

Json json_of(const ModelReport& report);
std::string text_of(const ModelReport& report);

/// Bytes of a file, or of all files of a folder.
std::int64_t bytes_on_disk(const std::filesystem::path& path);

}  // namespace easel::cli
