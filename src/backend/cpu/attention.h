#pragma once

#include "backend/cpu/context.h"

namespace easel::cpu {

/// Keys and values packed as right operands, for each head.
std::unique_ptr<KeyValues> pack_keys(const Context& context, ConstView k, ConstView v, int heads);

/// Backend::attend, both of them. Scores exist for one block of queries at a time, in the cache.
void attend(const Context& context, const Repeated& q, std::span<const KeyValues* const> keys,
            View out);
void attend(const Context& context, ConstView q, ConstView k, ConstView v, const AttendSpec& spec,
            View out);

}  // namespace easel::cpu
