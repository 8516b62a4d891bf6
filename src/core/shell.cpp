#include "core/shell.h"

#include <fmt/format.h>

#include <algorithm>

namespace easel {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:,+@%=").find(c) != std::string_view::npos;
}

// Double quotes read better, and the words of a prompt often hold an apostrophe; '!' is history to
// an interactive bash even there.
bool fits_double_quotes(std::string_view word) {
  return word.find_first_of("\"$`\\!") == std::string_view::npos;
}

bool is_control_byte(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// $'…' as bash, zsh and POSIX 2024 have it: the only form that keeps control characters off the
// terminal.
std::string dollar_quoted(std::string_view word) {
  std::string quoted = "$'";
  for (const char c : word) {
    if (is_control_byte(c)) {
      quoted += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace

std::string shell_quoted(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  if (std::any_of(word.begin(), word.end(), is_control_byte)) return dollar_quoted(word);
  if (fits_double_quotes(word)) return "\"" + std::string(word) + "\"";
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace easel
