#include "cli/option_checks.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <charconv>
#include <cmath>
#include <string>

#include "core/error.h"

namespace easel::cli {
namespace {

template <typename Number>
bool parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

CLI::Validator check(std::string wanted, std::function<bool(const std::string&)> holds) {
  return CLI::Validator(
      [wanted = std::move(wanted), holds = std::move(holds)](const std::string& text) {
        if (holds(text)) return std::string();
        return fmt::format("wanted {}, not '{}'", wanted, text);
      },
      "");
}

}  // namespace

CLI::Validator whole_number(int low, int high) {
  const std::string wanted = high == std::numeric_limits<int>::max()
                                 ? fmt::format("a whole number, {} or more", low)
                                 : fmt::format("a whole number from {} to {}", low, high);
  return check(wanted, [low, high](const std::string& text) {
    int number = 0;
    return parse(text, number) && number >= low && number <= high;
  });
}

CLI::Validator real_number(double low, double high) {
  return check(
      fmt::format("a number from {} to {}", low, high), [low, high](const std::string& text) {
        double number = 0;
        return parse(text, number) && std::isfinite(number) && number >= low && number <= high;
      });
}

CLI::Validator seed_number() {
  return check("a whole number from 0 to 18446744073709551615 (leave it out for a random one)",
               [](const std::string& text) {
                 std::uint64_t number = 0;
                 return parse(text, number);
               });
}

void refuse_short_n(CLI::App& app) {
  app.add_option_function<std::vector<std::string>>(
         "-n",
         [](const std::vector<std::string>&) {
           fail(
               ErrorCode::kUsage,
               "-n means different things in different programs, so it means nothing here: --count "
               "says how many pictures, --negative what should not be in them");
         })
      ->expected(0, 1)
      ->group("");
}

}  // namespace easel::cli
