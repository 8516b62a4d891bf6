#include "prompt/signs.h"

#include <algorithm>
#include <charconv>

#include "core/printable.h"

namespace easel {
namespace {

constexpr std::size_t kMostTold = 5;

bool is_number(std::string_view text) {
  double number = 0;
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

bool is_weighted(std::string_view inside) {
  const std::size_t colon = inside.rfind(':');
  return colon != std::string_view::npos && is_number(inside.substr(colon + 1));
}

bool is_wildcard(std::string_view inside) {
  return !inside.empty() && std::ranges::all_of(inside, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '/';
  });
}

// Finds what stands between two characters, without such characters inside.
template <typename Wanted>
void find_between(std::string_view prompt, char begin, char end, Wanted wanted,
                  std::vector<std::string>& found) {
  std::size_t opened = std::string_view::npos;
  for (std::size_t at = 0; at < prompt.size() && found.size() < kMostTold; ++at) {
    if (prompt[at] == begin) opened = at;
    if (prompt[at] != end || opened == std::string_view::npos) continue;
    if (wanted(prompt.substr(opened + 1, at - opened - 1))) {
      found.emplace_back(prompt.substr(opened, at - opened + 1));
    }
    opened = std::string_view::npos;
  }
}

void find_wildcards(std::string_view prompt, std::vector<std::string>& found) {
  std::size_t at = prompt.find("__");
  while (at != std::string_view::npos && found.size() < kMostTold) {
    const std::size_t end = prompt.find("__", at + 2);
    if (end == std::string_view::npos) return;
    if (is_wildcard(prompt.substr(at + 2, end - at - 2))) {
      found.emplace_back(prompt.substr(at, end + 2 - at));
      at = prompt.find("__", end + 2);
    } else {
      at = end;
    }
  }
}

}  // namespace

std::vector<std::string> signs_in(std::string_view prompt, UnreadSigns which) {
  std::vector<std::string> found;
  if (which.weights) {
    find_between(prompt, '(', ')', is_weighted, found);
    find_between(prompt, '<', '>', is_weighted, found);
  }
  if (which.choices) {
    const auto has_bar = [](std::string_view inside) {
      return inside.find('|') != std::string_view::npos;
    };
    find_between(prompt, '{', '}', has_bar, found);
    find_wildcards(prompt, found);
  }
  return found;
}

std::string note_of_signs(std::string_view prompt, UnreadSigns which) {
  std::string list;
  for (const std::string& sign : signs_in(prompt, which)) {
    list += (list.empty() ? "" : ", ") + printable(sign);
  }
  if (list.empty()) return "";
  return "these signs have no meaning to this model, and are read as words: " + list;
}

}  // namespace easel
