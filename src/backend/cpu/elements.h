#pragma once

#include "backend/cpu/context.h"

// Backend's operations without weights or sums, of the same names.

namespace easel::cpu {

void activate(const Context& context, Activation activation, ConstView x, View out);
void add_scaled(const Context& context, ConstView x, float scale, ConstView residual, View out);
void copy(const Context& context, const Repeated& x, View out);
void gather_rows(const Context& context, ConstView table, std::span<const int> rows, View out);
void pixel_shuffle(const Context& context, ConstView x, int factor, View out);
void pixel_unshuffle(const Context& context, ConstView x, int factor, View out);
void add_enlarged(const Context& context, ConstView x, int factor, View out);

}  // namespace easel::cpu
