#pragma once

#include <cstddef>
#include <string_view>

namespace easel::cli {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The UTF-8 sequence at the front of `text`; one invalid byte where there is none.
/// REQUIRES: not empty
CodePoint first_code_point(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace easel::cli
