#pragma once

#include <string>
#include <string_view>

namespace easel {

/// Character references as Python's html.unescape() reads them: HTML 5's names, also without the
/// semicolon and as the beginning of a longer word ("&notit" is "¬it"); numbers as browsers read
/// them.
std::u32string unescape_html(std::u32string_view text);

/// What "&NAME;" stands for by its whole name, `name` without "&" but with ";"; empty: nothing.
std::u32string_view html_entity(std::u32string_view name);

/// A character of Windows-1252 by its byte. REQUIRES: 0x80 <= byte <= 0x9f
char32_t windows_1252(char32_t byte);

}  // namespace easel
