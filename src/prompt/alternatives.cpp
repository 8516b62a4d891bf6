#include "prompt/alternatives.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>

#include "core/error.h"
#include "core/printable.h"
#include "core/rng.h"

namespace easel {
namespace {

constexpr int kMostDepth = 32;                  // of braces and lists within each other
constexpr int kMostChoices = 10'000;            // in one prompt
constexpr std::size_t kMostChosen = 64 * 1024;  // of what comes out
constexpr std::string_view kMark = "__";
constexpr std::string_view kDollars = "$$";
constexpr std::string_view kWeightMark = "::";

bool is_escaped_sign(std::string_view text) {
  return text.size() > 1 && text[0] == '\\' &&
         std::string_view("{|}_").find(text[1]) != std::string_view::npos;
}

bool is_name_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '/';
}

// The name of a wildcard that the text begins with; empty where it begins with none.
std::string_view name_at(std::string_view text) {
  if (!text.starts_with(kMark)) return {};
  const std::size_t end = text.find(kMark, kMark.size());
  if (end == std::string_view::npos) return {};
  const std::string_view name = text.substr(kMark.size(), end - kMark.size());
  return is_wildcard_name(name) ? name : std::string_view();
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Choice {
  std::string_view text;
  double weight = 1;
};

// What stands between braces: how many of which.
struct Choices {
  std::size_t least = 1;
  std::size_t most = 1;
  std::string_view between = ", ";
  std::vector<Choice> all = {};
};

// "2::red". Text before "::" that is no number makes it text: "std::vector".
Choice choice_of(std::string_view text) {
  const std::size_t mark = text.find(kWeightMark);
  if (mark == std::string_view::npos) return {text};
  const auto weight = number_of<double>(text.substr(0, mark));
  if (!weight) return {text};
  if (!std::isfinite(*weight) || *weight < 0) {
    fail(ErrorCode::kUsage, "'{}' weighs {}, and a choice weighs 0 or more", printable(text),
         *weight);
  }
  return {text.substr(mark + kWeightMark.size()), *weight};
}

// Calls piece(text) for each part between bars that no inner brace holds.
template <typename Piece>
void split_at_bars(std::string_view inside, Piece piece) {
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (is_escaped_sign(inside.substr(at))) {
      ++at;
    } else if (inside[at] == '{') {
      ++depth;
    } else if (inside[at] == '}') {
      --depth;
    } else if (inside[at] == '|' && depth == 0) {
      piece(inside.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  piece(inside.substr(begin));
}

// Reads "2", "1-3" before "$$".
void read_how_many(std::string_view text, Choices& choices) {
  const std::size_t dash = text.find('-');
  const auto least = number_of<std::size_t>(text.substr(0, dash));
  const auto most =
      dash == std::string_view::npos ? least : number_of<std::size_t>(text.substr(dash + 1));
  if (!least || !most || *least > *most) {
    fail(ErrorCode::kUsage, "'{}$$' wants a number or a range before it, as in 2$$ or 1-3$$",
         printable(text));
  }
  choices.least = *least;
  choices.most = *most;
}

// "2$$ and $$red|blue". A "$$" of an inner brace is that one's.
Choices choices_in(std::string_view inside) {
  Choices choices;
  const std::size_t own = inside.substr(0, inside.find('{')).find(kDollars);
  if (own != std::string_view::npos) {
    read_how_many(inside.substr(0, own), choices);
    inside.remove_prefix(own + kDollars.size());
    const std::size_t end = inside.substr(0, inside.find_first_of("{|")).find(kDollars);
    if (end != std::string_view::npos) {
      choices.between = inside.substr(0, end);
      inside.remove_prefix(end + kDollars.size());
    }
  }
  split_at_bars(inside, [&](std::string_view text) { choices.all.push_back(choice_of(text)); });
  const auto weighing = static_cast<std::size_t>(
      std::ranges::count_if(choices.all, [](const Choice& choice) { return choice.weight > 0; }));
  if (choices.most > weighing || weighing == 0) {
    fail(ErrorCode::kUsage, "'{{{}}}' has {} to choose from, and {} are wanted", printable(inside),
         weighing, std::max<std::size_t>(choices.most, 1));
  }
  return choices;
}

// Where the brace that the text begins with is closed.
std::size_t end_of_braces(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_escaped_sign(text.substr(at))) {
      ++at;
    } else if (text[at] == '{') {
      ++depth;
    } else if (text[at] == '}' && --depth == 0) {
      return at;
    }
  }
  fail(ErrorCode::kUsage, "the brace of '{}' is not closed: '\\{{' is a brace itself",
       printable(text));
}

class Chooser {
 public:
  // Both halves count: a seed beyond 2^32 is another seed.
  Chooser(std::uint64_t seed, const WildcardLists& lists)
      : numbers_(static_cast<std::uint32_t>(seed ^ (seed >> 32))), lists_(lists) {}

  std::string read(std::string_view text, int depth) {
    if (depth > kMostDepth) {
      fail(ErrorCode::kUsage, "choices within choices at '{}' are more than {} deep",
           printable(text), kMostDepth);
    }
    std::string out;
    while (!text.empty()) {
      text.remove_prefix(read_one(text, depth, out));
      if (out.size() > kMostChosen) {
        fail(ErrorCode::kUsage, "the prompt that was chosen has more than {} bytes", kMostChosen);
      }
    }
    return out;
  }

 private:
  // Appends what the text begins with; returns its length there.
  std::size_t read_one(std::string_view text, int depth, std::string& out) {
    if (is_escaped_sign(text)) {
      out += text[1];
      return 2;
    }
    if (text[0] == '{') {
      const std::size_t end = end_of_braces(text);
      out += several(choices_in(text.substr(1, end - 1)), depth);
      return end + 1;
    }
    if (text[0] == '}') {
      fail(ErrorCode::kUsage, "the brace before '{}' was never opened: '\\}}' is a brace itself",
           printable(text.substr(1)));
    }
    if (const std::string_view name = name_at(text); !name.empty()) {
      out += line_of(name, depth);
      return name.size() + 2 * kMark.size();
    }
    out += text[0];
    return 1;
  }

  std::string several(Choices choices, int depth) {
    std::size_t count = choices.least + below(choices.most - choices.least + 1);
    std::string out;
    for (bool first = true; count > 0; --count, first = false) {
      const std::size_t at = pick(choices.all);
      const std::string_view text = choices.all[at].text;
      choices.all.erase(choices.all.begin() + static_cast<std::ptrdiff_t>(at));
      if (!first) out += choices.between;
      out += read(text, depth + 1);
    }
    return out;
  }

  std::string line_of(std::string_view name, int depth) {
    const WildcardList& list = lists_(name);
    if (list.empty()) fail(ErrorCode::kUsage, "the list of __{}__ holds nothing to choose", name);
    return read(list.at(share()), depth + 1);
  }

  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>((static_cast<std::uint64_t>(numbers_.next()) * count) >> 32);
  }

  // In [0, 1).
  double share() {
    if (++made_ > kMostChoices) {
      fail(ErrorCode::kUsage, "the prompt asks for more than {} choices", kMostChoices);
    }
    return std::ldexp(static_cast<double>(numbers_.next()), -32);
  }

  // REQUIRES: one weighs something
  std::size_t pick(const std::vector<Choice>& choices) {
    double total = 0;
    for (const Choice& choice : choices) total += choice.weight;
    double rest = share() * total;
    std::size_t last = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i].weight <= 0) continue;
      last = i;
      rest -= choices[i].weight;
      if (rest < 0) break;
    }
    return last;
  }

  Mt19937 numbers_;
  const WildcardLists& lists_;
  int made_ = 0;
};

}  // namespace

WildcardList::WildcardList(const std::vector<std::string>& lines) {
  double total = 0;
  for (const std::string& line : lines) {
    const Choice choice = choice_of(line);
    total += choice.weight;
    lines_.emplace_back(choice.text);
    ends_.push_back(total);
  }
}

const std::string& WildcardList::at(double share) const {
  const auto end = std::ranges::upper_bound(ends_, share * ends_.back());
  // Rounding may reach the end itself: the last line that weighs anything begins before it.
  const auto found = end != ends_.end() ? end : std::ranges::lower_bound(ends_, ends_.back());
  return lines_[static_cast<std::size_t>(found - ends_.begin())];
}

std::string chosen(std::string_view prompt_template, std::uint64_t seed,
                   const WildcardLists& lists) {
  return Chooser(seed, lists).read(prompt_template, 0);
}

bool is_wildcard_name(std::string_view name) {
  if (name.empty() || !std::ranges::all_of(name, is_name_sign)) return false;
  const auto is_border = [](char c) { return c == '_' || c == '/'; };
  return !is_border(name.front()) && !is_border(name.back());
}

}  // namespace easel
