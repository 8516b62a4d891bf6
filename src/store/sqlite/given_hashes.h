#pragma once

#include <set>
#include <string>
#include <string_view>

#include "store/sqlite/database.h"

namespace easel {

/// The hashes of the pictures that recipes begin at, and of their masks. `column` holds recipes as
/// JSON; `rows` is the table and what of it.
std::set<std::string> given_hashes(Database& database, std::string_view column,
                                   std::string_view rows);

}  // namespace easel
