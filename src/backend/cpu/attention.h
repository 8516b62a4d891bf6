#pragma once

#include "backend/cpu/context.h"

namespace easel::cpu {

/// Keys and values packed as right operands, for each picture and head.
std::unique_ptr<KeyValues> pack_keys(const Context& context, ConstView k, ConstView v, int heads);

/// softmax(q k^T / sqrt(D)) v. Scores exist for one block of queries at a time, in the cache.
void attend(const Context& context, ConstView q, const KeyValues& keys, View out);

}  // namespace easel::cpu
