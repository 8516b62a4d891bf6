#include "cli/prompts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "core/error.h"
#include "core/printable.h"
#include "core/utf8.h"
#include "prompt/signs.h"
#include "recipe/field.h"

namespace easel::cli {
namespace {

constexpr std::size_t kMaxPromptBytes = 8192;
constexpr std::size_t kMaxPrompts = 100'000;

// By its mark, or without one by the zero byte in every plain letter.
bool is_utf16(const std::string& line) {
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) return true;
  return !line.empty() && std::ranges::count(line, '\0') * 3 >= std::ssize(line);
}

std::vector<Prompt> read_lines(std::istream& in, const std::string& name, BlankLines blank_lines) {
  std::vector<Prompt> prompts;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // byte order mark
    if (number == 1 && is_utf16(line))
      fail(ErrorCode::kUsage, "'{}' is UTF-16 text: save it as UTF-8", name);
    if (blank_lines == BlankLines::kPassOver && is_blank(line)) continue;
    if (prompts.size() == kMaxPrompts)
      fail(ErrorCode::kUsage, "'{}' has more than {} lines", name, kMaxPrompts);
    prompts.push_back({line, number});
  }
  if (in.bad()) fail(ErrorCode::kIo, "'{}' cannot be read", name);
  if (prompts.empty()) fail(ErrorCode::kUsage, "'{}' holds no prompt", name);
  return prompts;
}

std::vector<Prompt> read_file(const std::string& file, BlankLines blank_lines) {
  if (file == "-") return read_lines(std::cin, "standard input", blank_lines);
  std::ifstream in(file);
  // A folder opens, but cannot be read.
  if (!in || in.peek() == std::ifstream::traits_type::eof()) {
    if (in.eof() && !in.bad()) fail(ErrorCode::kUsage, "'{}' holds no prompt", file);
    fail(ErrorCode::kNotFound, "the prompts' file '{}' cannot be read", file);
  }
  return read_lines(in, file, blank_lines);
}

}  // namespace

std::vector<Prompt> read_prompts(const std::vector<std::string>& words, const std::string& file,
                                 BlankLines blank_lines) {
  if (!file.empty()) {
    if (!words.empty()) fail(ErrorCode::kUsage, "give either prompts or --from-file, not both");
    return read_file(file, blank_lines);
  }
  if (words.empty())
    fail(ErrorCode::kUsage, "what should be drawn? for example: easel draw \"a ship at sea\"");
  const bool quoted = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.find(' ') != std::string::npos;
  });
  std::vector<Prompt> prompts;
  for (const std::string& word : words) {
    if (quoted || prompts.empty()) {
      prompts.push_back({word});
    } else {
      prompts[0].text += " " + word;
    }
  }
  return prompts;
}

void add_wildcards_folder_option(CLI::App& app, std::string& folder, Recipe& recipe) {
  app.add_option_function<std::string>(
         "--wildcards-folder",
         [&folder, &recipe](const std::string& text) {
           folder = text;
           recipe.templates.by_seed = true;
         },
         "The same, with lists that lie here [wildcards in Easel's data folder]")
      ->type_name("DIR")
      ->group(std::string(kPictureGroup));
}

WildcardFolder wildcard_folder(const std::string& folder, const Places& places) {
  const std::filesystem::path path =
      folder.empty() ? places.data / "wildcards" : std::filesystem::path(folder);
  std::error_code error;
  if (!folder.empty() && !std::filesystem::is_directory(path, error))
    fail(ErrorCode::kNotFound, "--wildcards-folder '{}' is no folder", folder);
  return {path, "in '" + path.string() + "'"};
}

std::string note_of_choices(const std::vector<Prompt>& prompts) {
  for (const Prompt& prompt : prompts) {
    const auto signs = signs_in(prompt.text, {.weights = false});
    if (!signs.empty())
      return "with --wildcards the seed would choose for " + printable(signs.front());
  }
  return "";
}

bool has_piped_input() {
  struct stat status = {};
  if (fstat(STDIN_FILENO, &status) != 0) return false;
  if (!S_ISFIFO(status.st_mode) && !S_ISREG(status.st_mode)) return false;
  return std::cin.peek() != std::istream::traits_type::eof();
}

void check_prompt(const std::string& prompt) {
  if (!is_utf8(prompt)) fail(ErrorCode::kUsage, "the prompt is not UTF-8 text");
  if (prompt.find('\0') != std::string::npos)
    fail(ErrorCode::kUsage, "the prompt holds a zero byte");
  if (prompt.size() > kMaxPromptBytes)
    fail(ErrorCode::kUsage,
         "the prompt has {} bytes; at most {} are taken (and a model reads its "
         "first few dozen words only)",
         prompt.size(), kMaxPromptBytes);
}

}  // namespace easel::cli
