#pragma once

#include <span>
#include <string_view>

namespace easel {

/// A file of the exported page (web/export), compiled into the program.
struct PageFile {
  const char* name;
  std::string_view text;
};

/// All of them: index.html, page.css, page.js.
std::span<const PageFile> export_page_files();

}  // namespace easel
