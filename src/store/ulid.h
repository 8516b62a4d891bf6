#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace easel {

/// A new id: 26 characters of Crockford's base 32, 48 bits of milliseconds and then 80 random
/// ones. Those made by one process sort in the order in which they were made.
///
/// Thread rule: any thread.
std::string new_ulid();

/// Whether the text is such an id, in capitals.
bool is_ulid(std::string_view text);

/// Milliseconds since 1970 of an id. REQUIRES: is_ulid(id)
std::int64_t ulid_time(std::string_view id);

/// Milliseconds since 1970, now.
std::int64_t now_ms();

}  // namespace easel
