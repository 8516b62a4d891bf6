#pragma once

#include <string>
#include <string_view>

namespace easel {

/// The steps of ftfy 6's fix_text() that need no guessing: HTML's entities (unless the line has a
/// "<"), C1 controls read as Windows-1252, Latin ligatures and full- and half-width forms as plain
/// letters, curly quotes as straight ones, line breaks as \n, terminal escapes and control
/// characters dropped, NFC. Text in a wrong encoding ("schÃ¶n") is left as it is.
std::u32string fix_text(std::u32string_view text);

}  // namespace easel
