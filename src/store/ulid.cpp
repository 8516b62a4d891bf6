#include "store/ulid.h"

#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>

namespace easel {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLength = 26;
constexpr std::size_t kTimeDigits = 10;

using RandomDigits = std::array<std::uint8_t, kLength - kTimeDigits>;  // five bits each

RandomDigits random_digits() {
  RandomDigits digits{};
  if (getrandom(digits.data(), digits.size(), 0) != static_cast<ssize_t>(digits.size())) {
    // Never seen on Linux; ids still differ by their count within a process.
    digits.fill(static_cast<std::uint8_t>(now_ms() & 31));
  }
  for (std::uint8_t& digit : digits) digit &= 31;
  digits[0] &= 15;  // leaves room to count upwards
  return digits;
}

void count_up(RandomDigits& digits) {
  for (std::size_t i = digits.size(); i-- > 0;) {
    digits[i] = static_cast<std::uint8_t>((digits[i] + 1) & 31);
    if (digits[i] != 0) return;
  }
}

// What the ids of one process must share to stay in order.
struct Sequence {
  std::mutex mutex;
  std::int64_t last_time = 0;
  RandomDigits digits{};
};

Sequence& sequence() {
  static Sequence instance;
  return instance;
}

}  // namespace

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string new_ulid() {
  Sequence& shared = sequence();
  const std::lock_guard lock(shared.mutex);
  const std::int64_t time = now_ms();
  if (time > shared.last_time) {
    shared.last_time = time;
    shared.digits = random_digits();
  } else {
    count_up(shared.digits);
  }
  std::string id(kLength, '0');
  std::int64_t rest = shared.last_time;
  for (std::size_t i = kTimeDigits; i-- > 0; rest >>= 5) {
    id[i] = kDigits[static_cast<std::size_t>(rest & 31)];
  }
  for (std::size_t i = 0; i < shared.digits.size(); ++i) {
    id[kTimeDigits + i] = kDigits[shared.digits[i]];
  }
  return id;
}

bool is_ulid(std::string_view text) {
  return text.size() == kLength && text[0] <= '7' &&
         text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::int64_t ulid_time(std::string_view id) {
  std::int64_t time = 0;
  for (std::size_t i = 0; i < kTimeDigits; ++i) {
    time = time * 32 + static_cast<std::int64_t>(kDigits.find(id[i]));
  }
  return time;
}

}  // namespace easel
