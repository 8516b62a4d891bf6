#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "image/settings.h"
#include "pipeline/text_to_image.h"

namespace easel::cli {

/// What may be left out of a run for speed, as typed. Empty: nothing.
struct ApproximationOptions {
  std::string guidance_interval;
  std::string fast;
};

void add_approximation_options(CLI::App& app, ApproximationOptions& options);

/// Puts them into a request. Throws kUsage for text that means nothing.
void apply(const ApproximationOptions& options, DrawRequest& request);

/// "0.1:0.8". Nothing for text that is no interval.
std::string to_text(const GuidanceInterval& interval);
std::optional<GuidanceInterval> parse_interval(const std::string& text);

/// The N of "cache:N", 3 for "cache". Nothing for text that is neither.
std::optional<int> parse_fast(const std::string& text);

/// What leaving out cost, a line for a person; empty where nothing was. `computed` as in DrawStep.
std::string price_of(const DrawRequest& request, double computed);

/// Notes in a picture's settings what was left out of it.
void add_approximations(Settings& settings, const DrawRequest& request);
/// The words of a command that leave out the same again.
std::vector<std::string> approximation_words(const Settings& settings);

}  // namespace easel::cli
