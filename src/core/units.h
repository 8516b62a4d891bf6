#pragma once

#include <cstdint>
#include <string>

namespace easel {

/// "834 bytes", "26.4 MB", "5.73 GB": powers of 1000, three digits.
std::string human_bytes(std::int64_t bytes);
/// "1,450,000"
std::string with_commas(std::int64_t number);
/// "0.8 s", "12 s", "3 min 5 s", "2 h 10 min"
std::string human_seconds(double seconds);
/// The shortest decimal that reads back as the same double: "7.5", "5".
std::string shortest(double value);

}  // namespace easel
