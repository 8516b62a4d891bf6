#include "cli/file_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <system_error>

#include "core/error.h"
#include "core/printable.h"
#include "core/utf8.h"
#include "recipe/fields.h"
#include "recipe/values.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxWordBytes = 60;
constexpr std::size_t kMaxPatternBytes = 100;
constexpr std::size_t kMaxNameBytes = 200;  // file systems take 255, with an ending and a number
constexpr int kMaxNumber = 999'999'999;
constexpr std::string_view kUsualPattern = "[number]-[prompt]";
constexpr std::string_view kNumber = "number", kDate = "date";

// Letters and digits; beyond ASCII everything but the blocks of punctuation, spaces and controls
// (which could turn a name around or make it look like another).
bool is_word_character(const CodePoint& c) {
  if (!c.valid) return false;
  const char32_t v = c.value;
  if (v < 0x80) return (v >= 'a' && v <= 'z') || (v >= 'A' && v <= 'Z') || (v >= '0' && v <= '9');
  const bool punctuation = v < 0xc0 || (v >= 0x2000 && v <= 0x206f) ||
                           (v >= 0x3000 && v <= 0x303f) || (v >= 0xd800 && v <= 0xf8ff) ||
                           (v >= 0xfe00 && v <= 0xfe0f) || (v >= 0xff00 && v <= 0xff0f) ||
                           v >= 0xe0000 || v == 0xfeff || v == 0x61c;
  return !punctuation;
}

// Numbers and plain names stay as they are, with their points.
std::string value_for_file_name(const std::string& text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
  const bool plain =
      text.size() <= kMaxWordBytes && text.find_first_not_of(kPlain) == std::string::npos;
  return plain ? text : words_for_file_name(text);
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  return fmt::format("{:04}-{:02}-{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

bool is_setting(std::string_view name) {
  bool found = name == kNumber || name == kDate;
  visit_rows([&](const Field& field) { found |= is_called(field, name); });
  return found;
}

std::string said_text(const std::optional<SharedGenerator>&) { return ""; }
template <typename T>
std::string said_text(const T& value) {
  return text_of(value);
}

std::string setting_of(const Recipe& recipe, std::string_view name) {
  std::string said;
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (is_called(field, name) && is_said(value)) said = value_for_file_name(said_text(value));
  });
  return said;
}

// Calls part(text, name) for each stretch of text and the bracket after it; the last has none.
// False: a bracket is not closed.
template <typename Part>
bool split_pattern(std::string_view pattern, Part part) {
  for (;;) {
    const std::size_t begin = pattern.find('[');
    if (begin == std::string_view::npos) {
      part(pattern, std::string_view());
      return true;
    }
    const std::size_t end = pattern.find(']', begin);
    if (end == std::string_view::npos) return false;
    part(pattern.substr(0, begin), pattern.substr(begin + 1, end - begin - 1));
    pattern.remove_prefix(end + 1);
  }
}

// At a letter's end.
std::string cut_name(std::string name) {
  if (name.size() <= kMaxNameBytes) return name;
  std::size_t end = kMaxNameBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  name.resize(end);
  return name;
}

}  // namespace

std::string words_for_file_name(const std::string& prompt) {
  std::string words;
  bool gap = false;
  for (std::string_view rest = prompt; !rest.empty();) {
    const CodePoint c = first_code_point(rest);
    const std::string_view bytes = rest.substr(0, c.bytes);
    rest.remove_prefix(c.bytes);
    if (c.valid && c.value == U'\'') continue;  // "children's" is one word
    if (!is_word_character(c)) {
      gap = true;
      continue;
    }
    if (words.size() + bytes.size() + 1 > kMaxWordBytes) break;
    if (gap && !words.empty()) words += '-';
    gap = false;
    for (const char byte : bytes)
      words += byte >= 'A' && byte <= 'Z' ? char(byte - 'A' + 'a') : byte;
  }
  return words.empty() ? "picture" : words;
}

int next_number(const fs::path& folder) {
  int highest = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    int number = 0;
    std::size_t digits = 0;
    while (digits < name.size() && name[digits] >= '0' && name[digits] <= '9' &&
           number < kMaxNumber / 10)
      number = number * 10 + (name[digits++] - '0');
    if (digits >= 4) highest = std::max(highest, number);
  }
  return highest + 1;
}

bool is_called(const Field& field, std::string_view name) {
  if (!name.empty() && field.json == name) return true;
  std::string_view rest = field.option;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    if (one.starts_with("--") && one.substr(2) == name) return true;
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return false;
}

FileNames::FileNames(std::string pattern)
    : pattern_(pattern.empty() ? kUsualPattern : std::move(pattern)), numbered_(false) {
  const bool fits = pattern_.size() <= kMaxPatternBytes && is_utf8(pattern_) &&
                    pattern_.find('/') == std::string::npos && !pattern_.starts_with('.') &&
                    std::ranges::none_of(pattern_, [](char c) { return c >= 0 && c < ' '; });
  if (!fits)
    fail(ErrorCode::kUsage,
         "--names '{}' cannot be files' names: at most {} bytes, no '/', no '.' first",
         printable(pattern_), kMaxPatternBytes);
  const bool closed = split_pattern(pattern_, [&](std::string_view, std::string_view name) {
    numbered_ |= name == kNumber;
    if (name.empty() || is_setting(name)) return;
    fail(ErrorCode::kUsage,
         "--names knows no [{}]: there are [number], [date], [prompt], [seed] and "
         "the other settings by their options' names",
         printable(name));
  });
  if (!closed) fail(ErrorCode::kUsage, "--names '{}' has a '[' that is not closed", pattern_);
}

std::string FileNames::next(const fs::path& folder, const Recipe& recipe, int attempt) const {
  if (numbered_) return filled(recipe, next_number(folder));
  const std::string name = filled(recipe, 0);
  std::error_code ignored;
  for (int again = attempt + 1;; ++again) {
    std::string numbered = again == 1 ? name : fmt::format("{}-{}", name, again);
    if (!fs::exists(fs::symlink_status(folder / (numbered + ".png"), ignored))) return numbered;
  }
}

std::string FileNames::filled(const Recipe& recipe, int number) const {
  std::string out;
  split_pattern(pattern_, [&](std::string_view text, std::string_view name) {
    out += text;
    if (name == kNumber) {
      out += fmt::format("{:04}", number);
    } else if (name == kDate) {
      out += today();
    } else if (name == fields::kPrompt.json) {
      out += words_for_file_name(recipe.prompt);
    } else if (!name.empty()) {
      out += setting_of(recipe, name);
    }
  });
  out.erase(0, std::min(out.find_first_not_of('.'), out.size()));  // no hidden file
  return out.empty() ? "picture" : cut_name(std::move(out));
}

}  // namespace easel::cli
