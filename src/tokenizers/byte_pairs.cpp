#include "tokenizers/byte_pairs.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "core/utf8.h"

namespace easel {
namespace {

constexpr std::string_view kEndOfWord = "</w>";

bool is_printable_byte(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

// The bytes in the order of their ids.
std::array<std::uint8_t, 256> bytes_in_order() {
  std::array<std::uint8_t, 256> bytes{};
  for (int i = 0; i < 256; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
  std::stable_partition(bytes.begin(), bytes.end(), is_printable_byte);
  return bytes;
}

std::uint64_t key(std::int32_t left, std::int32_t right) {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

// A word on its way: symbols in a chain from which merges take out the right one of two.
struct Link {
  std::int32_t id;
  int previous;
  int next;  // -1: the last
};

}  // namespace

std::vector<std::string> byte_symbols() {
  std::vector<std::string> symbols;
  char32_t next = 256;
  for (const std::uint8_t byte : bytes_in_order()) {
    const char32_t c = is_printable_byte(byte) ? char32_t{byte} : next++;
    symbols.push_back(to_utf8({&c, 1}));
  }
  return symbols;
}

BytePairs::BytePairs(const SymbolTable& symbols, const std::vector<std::string_view>& merges,
                     int first_line, std::string_view name) {
  const auto bytes = bytes_in_order();
  const auto spelled = byte_symbols();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto inner = symbols.find(spelled[i]);
    const auto last = symbols.find(spelled[i] + std::string(kEndOfWord));
    if (!inner || !last) {
      fail(ErrorCode::kInvalidFile, "the vocabulary '{}' has no token for the byte {}", name,
           bytes[i]);
    }
    inner_[bytes[i]] = *inner;
    last_[bytes[i]] = *last;
  }
  merges_.reserve(merges.size());
  for (const std::string_view merge : merges) {
    const int rank = static_cast<int>(merges_.size());
    merges_.push_back(read_merge(merge, rank, symbols, {first_line + rank, name}));
  }
  std::ranges::sort(merges_, {}, [](const Merge& m) { return std::pair(m.pair, m.rank); });
}

BytePairs::Merge BytePairs::read_merge(std::string_view text, int rank, const SymbolTable& symbols,
                                       const Line& line) {
  const auto space = text.find(' ');
  if (space == 0 || space == std::string_view::npos || space + 1 == text.size() ||
      space != text.rfind(' ')) {
    fail(ErrorCode::kInvalidFile, "line {} of the vocabulary '{}' is '{}', not two symbols",
         line.number, line.file, printable(text.substr(0, 40)));
  }
  const auto id_of = [&](std::string_view symbol) {
    const auto id = symbols.find(symbol);
    if (!id) {
      fail(ErrorCode::kInvalidFile, "line {} of the vocabulary '{}' names '{}', which is no token",
           line.number, line.file, printable(symbol.substr(0, 40)));
    }
    return *id;
  };
  std::string joined(text);
  joined.erase(space, 1);
  return {key(id_of(text.substr(0, space)), id_of(text.substr(space + 1))), rank, id_of(joined)};
}

// Of a merge that stands twice the later line counts, as in a dictionary of Python.
const BytePairs::Merge* BytePairs::find(std::int32_t left, std::int32_t right) const {
  const std::uint64_t pair = key(left, right);
  const auto after = std::ranges::upper_bound(merges_, pair, {}, &Merge::pair);
  if (after == merges_.begin() || std::prev(after)->pair != pair) return nullptr;
  return &*std::prev(after);
}

void BytePairs::append(std::string_view word, std::vector<std::int32_t>& ids) const {
  if (word.empty()) return;
  std::vector<Link> chain;
  chain.reserve(word.size());
  const int size = static_cast<int>(word.size());
  for (int i = 0; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(word[static_cast<std::size_t>(i)]);
    chain.push_back({i + 1 < size ? inner_[byte] : last_[byte], i - 1, i + 1 < size ? i + 1 : -1});
  }
  const auto at = [&](int i) -> Link& { return chain[static_cast<std::size_t>(i)]; };

  // Candidates by rank, then from left to right; one whose symbols were merged meanwhile is stale.
  using Candidate = std::tuple<std::int32_t, int, std::int32_t, std::int32_t>;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](int left) {
    if (left < 0 || at(left).next < 0) return;
    const auto right = at(left).next;
    const Merge* merge = find(at(left).id, at(right).id);
    if (merge != nullptr) candidates.emplace(merge->rank, left, at(left).id, at(right).id);
  };
  for (int i = 0; i < size; ++i) consider(i);
  while (!candidates.empty()) {
    const auto [rank, left, left_id, right_id] = candidates.top();
    candidates.pop();
    const int right = at(left).next;
    if (at(left).id != left_id || right < 0 || at(right).id != right_id) continue;
    at(left).id = find(left_id, right_id)->id;
    at(left).next = at(right).next;
    at(right).id = -1;
    if (at(left).next >= 0) at(at(left).next).previous = left;
    consider(at(left).previous);
    consider(left);
  }
  for (int i = 0; i >= 0; i = at(i).next) ids.push_back(at(i).id);
}

}  // namespace easel
