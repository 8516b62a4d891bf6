#include "atelier/wildcards.h"

#include <fstream>
#include <system_error>
#include <utility>

#include "core/edit_distance.h"
#include "core/error.h"
#include "core/printable.h"
#include "core/utf8.h"
#include "recipe/fields.h"

namespace easel {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMaxListBytes = std::uintmax_t{16} << 20;
constexpr auto kMaxEntryBytes = static_cast<std::size_t>(fields::kPrompt.most);
constexpr const char* kListEnding = ".txt";

std::string words_of(const std::string& text, std::uint64_t seed, WildcardFolder& lists) {
  std::string words = chosen(
      text, seed, [&](std::string_view name) -> const WildcardList& { return lists.list(name); });
  if (words.size() > kMaxEntryBytes)
    fail(ErrorCode::kUsage, "the words that seed {} chose are {} bytes long, at most {} are drawn",
         seed, words.size(), kMaxEntryBytes);
  return words;
}

}  // namespace

const WildcardList& WildcardFolder::list(std::string_view name) {
  if (const auto known = read_.find(name); known != read_.end()) return known->second;
  std::string file(name);
  file += kListEnding;
  std::error_code error;
  if (!is_wildcard_name(name) || !fs::is_regular_file(folder_ / file, error)) {
    const std::string near = nearest(name, names());
    fail(ErrorCode::kNotFound, "there is no list for __{}__ {}{}", printable(name), where_,
         near.empty() ? "" : "; did you mean __" + printable(near) + "__?");
  }
  return read_.emplace(std::string(name), WildcardList(lines_of(file))).first->second;
}

std::vector<std::string> WildcardFolder::lines_of(const std::string& name) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(folder_ / name, error);
  std::ifstream in(folder_ / name);
  if (error || !in) fail(ErrorCode::kIo, "the list '{}' {} cannot be read", name, where_);
  bytes_ += size;
  if (bytes_ > kMaxListBytes)
    fail(ErrorCode::kInvalidFile, "with '{}' the lists {} that are named have more than {} bytes",
         name, where_, kMaxListBytes);
  std::vector<std::string> lines;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // byte order mark
    if (is_blank(line) || line.starts_with('#')) continue;
    if (!is_utf8(line) || line.size() > kMaxEntryBytes)
      fail(ErrorCode::kInvalidFile,
           "line {} of the list '{}' {} is no UTF-8 text of at most {} bytes", number, name, where_,
           kMaxEntryBytes);
    lines.push_back(line);
  }
  if (in.bad()) fail(ErrorCode::kIo, "the list '{}' {} cannot be read", name, where_);
  return lines;
}

std::vector<std::string> WildcardFolder::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != kListEnding) continue;
    std::string name = at->path().lexically_relative(folder_).replace_extension().string();
    if (is_wildcard_name(name)) names.push_back(std::move(name));
  }
  return names;
}

Recipe worded(Recipe run, int picture, WildcardFolder& lists) {
  if (!run.templates.by_seed) return run;
  const std::uint64_t seed = *of_picture(run, picture).seed.seed;
  std::string prompt = words_of(run.prompt, seed, lists);
  std::string negative = words_of(run.negative, seed, lists);
  run.templates = {};
  if (prompt != run.prompt) run.templates.prompt = std::exchange(run.prompt, prompt);
  if (negative != run.negative) run.templates.negative = std::exchange(run.negative, negative);
  return run;
}

void check_words(Fields& fields, const Recipe& run, int pictures, const fs::path& folder) {
  if (!run.templates.by_seed) return;
  WildcardFolder lists(folder, kWhereListsAre);
  try {
    for (int k = 0; k < pictures; ++k) worded(run, k, lists);
  } catch (const Error& error) {
    fields.fault("prompt", "alternatives as in {red|blue}, lists that are there", error.what());
  }
}

}  // namespace easel
