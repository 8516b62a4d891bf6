#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/codec.h"

namespace easel::cli {

/// What stands for standard input and output.
inline constexpr const char* kStandardStream = "-";

/// One picture and where it goes. `to` is "-" for standard output.
struct PictureTask {
  std::filesystem::path from;
  std::filesystem::path to;
};

struct PictureInputs {
  std::vector<std::string> inputs;  ///< pictures, folders of them, or "-"
  std::string output;               ///< a file, a folder, or "-"
  bool recursive = false;           ///< folders in folders too, under the same names
  /// Told what of a folder is passed over, a line a folder.
  std::function<void(const std::string&)> on_skipped = {};
};

/// Which picture goes where; looks at names only. A folder's pictures are those whose names end as
/// pictures' do, by name, without hidden ones and without what lies in the output's folder.
/// Throws kUsage, kNotFound, kIo.
std::vector<PictureTask> plan_tasks(const PictureInputs& inputs);

/// Takes the tasks out whose results are there already, from an earlier run. Returns how many.
std::size_t leave_out_existing(std::vector<PictureTask>& tasks);

/// The format that a name's ending says, or nothing.
std::optional<ImageFormat> format_by_name(const std::filesystem::path& path);

/// The picture of a file, or of standard input for "-".
Picture read_input(const std::filesystem::path& from);
std::vector<std::uint8_t> read_input_bytes(const std::filesystem::path& from);

/// Writes all bytes to standard output. Throws kIo.
void write_standard_output(const std::vector<std::uint8_t>& bytes);

}  // namespace easel::cli
