#include "tokenizers/text_fixes.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/utf8.h"
#include "tokenizers/html_entities.h"
#include "tokenizers/unicode_text.h"

namespace easel {
namespace {

bool is_ascii_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }
bool is_ascii_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

// "&NTILDE;" is read as "Ñ": a name in small letters that was made large with the text around it.
std::u32string large_entity(std::u32string_view name) {
  std::u32string small(name);
  for (char32_t& c : small) {
    if (c >= U'a' && c <= U'z') return {};
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
  }
  std::u32string out;
  for (const char32_t c : html_entity(small)) {
    if (c == U'\u00df') {
      out += U"SS";
    } else {
      out.push_back(static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return out;
}

// Of "&eacute;" or "&#233;", nothing where it stands for nothing as a whole.
std::optional<std::u32string> entity(std::u32string_view reference) {
  const auto name = reference.substr(1);
  if (name[0] == U'#') {
    std::u32string text = unescape_html(reference);
    return text.find(U';') == std::u32string::npos ? std::optional(std::move(text)) : std::nullopt;
  }
  if (const auto known = html_entity(name); !known.empty()) return std::u32string(known);
  if (unescape_html(reference) != reference) return std::nullopt;  // its beginning is a name
  if (auto large = large_entity(name); !large.empty()) return large;
  return std::nullopt;
}

// ftfy takes whole references only, "&", "#" or not, 1 to 24 letters and digits, ";".
std::u32string unescape_whole(std::u32string_view text) {
  constexpr std::size_t kMostLetters = 24;
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == U'&') {
      if (end < text.size() && text[end] == U'#') ++end;
      const std::size_t begin = end;
      while (end < text.size() && end - begin < kMostLetters &&
             (is_ascii_letter(text[end]) || is_ascii_digit(text[end]))) {
        ++end;
      }
      const bool whole = end > begin && end < text.size() && text[end] == U';';
      if (const auto made = whole ? entity(text.substr(i, end + 1 - i)) : std::nullopt) {
        out += *made;
        i = end + 1;
        continue;
      }
    }
    out.push_back(text[i++]);
  }
  return out;
}

struct Ligature {
  char32_t from;
  std::u32string_view to;
};
constexpr std::array kLigatures = std::to_array<Ligature>({
    {U'\u0132', U"IJ"},      {U'\u0133', U"ij"},      {U'\u0149', U"\u02bcn"},
    {U'\u01c4', U"D\u017d"}, {U'\u01c5', U"D\u017e"}, {U'\u01c6', U"d\u017e"},
    {U'\u01c7', U"LJ"},      {U'\u01c8', U"Lj"},      {U'\u01c9', U"lj"},
    {U'\u01ca', U"NJ"},      {U'\u01cb', U"Nj"},      {U'\u01cc', U"nj"},
    {U'\u01f1', U"DZ"},      {U'\u01f2', U"Dz"},      {U'\u01f3', U"dz"},
    {U'\ufb00', U"ff"},      {U'\ufb01', U"fi"},      {U'\ufb02', U"fl"},
    {U'\ufb03', U"ffi"},     {U'\ufb04', U"ffl"},     {U'\ufb05', U"\u017ft"},
    {U'\ufb06', U"st"},
});

// NFKC of one character of the block of half- and full-width forms.
std::u32string plain_width(char32_t c) {
  const std::string bytes = to_utf8({&c, 1});
  std::array<utf8proc_int32_t, 8> points{};
  const auto count = utf8proc_decompose(
      reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
      static_cast<utf8proc_ssize_t>(bytes.size()), points.data(),
      static_cast<utf8proc_ssize_t>(points.size()),
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE));
  std::u32string out;
  for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, std::ssize(points)); ++i) {
    out.push_back(static_cast<char32_t>(points[static_cast<std::size_t>(i)]));
  }
  return composed(out);
}

bool is_dropped(char32_t c) {
  return c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f ||
         (c >= 0x206a && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc);
}

// What ftfy's tables make of one character.
void append_fixed(char32_t c, std::u32string& out) {
  if (c >= 0x80 && c <= 0x9f) c = windows_1252(c);
  const auto ligature = std::ranges::find(kLigatures, c, &Ligature::from);
  if (ligature != kLigatures.end()) {
    for (const char32_t part : ligature->to) out.push_back(part == U'\u02bc' ? U'\'' : part);
  } else if (c == U'\u3000') {
    out.push_back(U' ');
  } else if (c >= 0xff01 && c <= 0xffef) {
    out += plain_width(c);
  } else if (c == U'\u02bc' || (c >= U'\u2018' && c <= U'\u201b')) {
    out.push_back(U'\'');
  } else if (c >= U'\u201c' && c <= U'\u201f') {
    out.push_back(U'"');
  } else if (c == U'\r' || c == U'\u2028' || c == U'\u2029' || c == U'\u0085') {
    out.push_back(U'\n');
  } else {
    out.push_back(c);
  }
}

// ESC "[" digits and semicolons, a letter; 0: none begins here.
std::size_t terminal_escape(std::u32string_view text) {
  if (text.size() < 3 || text[0] != 0x1b || text[1] != U'[') return 0;
  std::size_t end = 2;
  while (end < text.size() && (is_ascii_digit(text[end]) || text[end] == U';')) ++end;
  return end < text.size() && is_ascii_letter(text[end]) ? end + 1 : 0;
}

std::u32string without_controls(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t escape = terminal_escape(text.substr(i)); escape > 0) {
      i += escape;
    } else {
      if (!is_dropped(text[i])) out.push_back(text[i]);
      ++i;
    }
  }
  return out;
}

std::u32string fix_line(std::u32string_view line, bool unescape) {
  // ftfy goes on until nothing changes. "&amp;amp;amp;..." would take as many rounds as it is long.
  constexpr int kMostRounds = 16;
  std::u32string text(line);
  for (int round = 0; round < kMostRounds; ++round) {
    std::u32string mapped;
    mapped.reserve(text.size());
    for (const char32_t c : unescape ? unescape_whole(text) : text) append_fixed(c, mapped);
    std::u32string next = composed(without_controls(mapped));
    if (next == text) break;
    text = std::move(next);
  }
  return text;
}

}  // namespace

std::u32string fix_text(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  bool unescape = true;
  while (!text.empty()) {
    const auto end = text.find(U'\n');
    const auto line = text.substr(0, end == std::u32string_view::npos ? end : end + 1);
    // Markup: its entities are meant. It holds for the lines that follow as well.
    if (line.find(U'<') != std::u32string_view::npos) unescape = false;
    out += fix_line(line, unescape);
    text.remove_prefix(line.size());
  }
  return out;
}

}  // namespace easel
