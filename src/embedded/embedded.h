#pragma once

#include <string_view>
#include <vector>

namespace easel {

/// A file that was compiled in.
struct EmbeddedFile {
  std::string_view name;  ///< "/index.html" for the page's, "openapi.json" for others
  std::string_view bytes;
};
const std::vector<EmbeddedFile>& embedded_files();

/// One of them; empty when there is none of that name.
std::string_view embedded(std::string_view name);

}  // namespace easel
