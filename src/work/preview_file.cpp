#include <fstream>
#include <iterator>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "work/worker_run.h"

namespace easel {

std::optional<LatentPreview> read_preview(const std::filesystem::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Json json = Json::try_parse(text).value_or(nullptr);
  if (!json.is_object()) return std::nullopt;
  LatentPreview preview;
  try {
    preview.channels = json.at("channels").get<int>();
    preview.matrix = json.at("matrix").get<std::vector<float>>();
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto wanted = 3 * (static_cast<std::size_t>(preview.channels) + 1);
  if (preview.channels < 1 || preview.matrix.size() != wanted) return std::nullopt;
  return preview;
}

void write_preview(const std::filesystem::path& file, const LatentPreview& preview) {
  try {
    write_file_atomically(
        file, Json({{"channels", preview.channels}, {"matrix", preview.matrix}}).dump());
  } catch (const Error&) {
  }
}

}  // namespace easel
