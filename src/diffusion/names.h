#pragma once

#include <string>
#include <string_view>

namespace easel {

/// What is left of a name for comparing: "DPM++ 2M" and "dpm++_2m" are the same.
inline std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

}  // namespace easel
