#include "mutator.h"

#include <algorithm>
#include <iterator>

#include "builders.h"

namespace easel::test {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {  // splitmix64
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : next() % limit; }

 private:
  std::uint64_t state_;
};

constexpr std::uint64_t kBoundaries[] = {0,
                                         1,
                                         2,
                                         0x7f,
                                         0x80,
                                         0xff,
                                         0x7fff,
                                         0x8000,
                                         0xffff,
                                         0x7fffffff,
                                         0x80000000,
                                         0x80000001,
                                         0xffffffff,
                                         0x100000000,
                                         0x100000001,
                                         0x7fffffffffffffff,
                                         0x8000000000000000,
                                         0x8000000000000001,
                                         0xffffffffffffffff,
                                         0xfffffffffffffff8,
                                         0x4000000000000000};

constexpr std::string_view kTokens[] = {"{",
                                        "}",
                                        "[",
                                        "]",
                                        ",",
                                        ":",
                                        "\"",
                                        "-1",
                                        "1e999",
                                        "null",
                                        "18446744073709551616",
                                        "\\u0000",
                                        "PK\5\6",
                                        "PK\3\4",
                                        "PK\1\2",
                                        "(",
                                        ".",
                                        "h",
                                        "R",
                                        "\x81",
                                        "b",
                                        "Q",
                                        "s"};

void mutate_once(std::string& bytes, Dice& dice) {
  const std::size_t at = dice.below(bytes.size());
  const std::size_t length = 1 + dice.below(16);
  switch (dice.below(8)) {
    case 0:
      bytes.resize(at);
      return;
    case 1:
    case 2:
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
      return;
    case 3: {
      const int width = 1 << dice.below(4);
      const std::uint64_t value = kBoundaries[dice.below(std::size(kBoundaries))];
      if (at + static_cast<std::size_t>(width) <= bytes.size()) put(bytes, at, value, width);
      return;
    }
    case 4:
      bytes.insert(dice.below(bytes.size() + 1), bytes.substr(at, length));
      return;
    case 5:
      bytes.erase(at, length);
      return;
    case 6: {
      const std::string piece = bytes.substr(at, length);
      bytes.replace(dice.below(bytes.size() + 1), piece.size(), piece);
      return;
    }
    default:
      bytes.insert(at, kTokens[dice.below(std::size(kTokens))]);
      return;
  }
}

}  // namespace

std::string mutate(std::string bytes, std::uint64_t number) {
  Dice dice(number);
  const std::size_t rounds = 1 + dice.below(4);
  for (std::size_t i = 0; i < rounds; ++i) mutate_once(bytes, dice);
  return bytes;
}

}  // namespace easel::test
