#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <limits>

namespace easel::cli {

/// Checks of an option's text before CLI11 converts it, so that the message says what is wanted.

/// A whole number in [low, high]; without `high`, any that an int holds.
CLI::Validator whole_number(int low, int high = std::numeric_limits<int>::max());
/// A finite number in [low, high].
CLI::Validator real_number(double low, double high);
/// A seed: 0 to 2^64 - 1.
CLI::Validator seed_number();

/// Adds "-n" to a command as an option that explains itself: it means the negative prompt in one
/// program and the number of pictures in another, so here it means nothing.
void refuse_short_n(CLI::App& app);

}  // namespace easel::cli
