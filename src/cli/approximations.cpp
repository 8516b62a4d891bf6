#include "cli/approximations.h"

#include <charconv>

#include "cli/units.h"
#include "core/error.h"

namespace easel::cli {
namespace {

constexpr const char* kIntervalField = "Guidance interval";

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

void add_approximation_options(CLI::App& app, ApproximationOptions& options) {
  const char* group = "Speed (each changes the picture: docs/performance/approximations.md)";
  app.add_option("--guidance-interval", options.guidance_interval,
                 "Guide only in this part of the run, as fractions of it; elsewhere a step takes "
                 "half the work [0:1]")
      ->type_name("A:B")
      ->group(group);
}

void apply(const ApproximationOptions& options, DrawRequest& request) {
  if (!options.guidance_interval.empty()) {
    const auto interval = parse_interval(options.guidance_interval);
    if (!interval)
      fail(
          ErrorCode::kUsage,
          "--guidance-interval wants A:B, fractions of the run with 0 <= A < B <= 1 as in 0.1:0.8, "
          "not '{}'",
          options.guidance_interval);
    request.guidance_interval = *interval;
  }
}

std::string to_text(const GuidanceInterval& interval) {
  return shortest(interval.from) + ":" + shortest(interval.to);
}

std::optional<GuidanceInterval> parse_interval(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto from = parse<double>(std::string_view(text).substr(0, colon));
  const auto to = parse<double>(std::string_view(text).substr(colon + 1));
  if (!from || !to || !(*from >= 0 && *from < *to && *to <= 1)) return std::nullopt;
  return GuidanceInterval{.from = *from, .to = *to};
}

void add_approximations(Settings& settings, const DrawRequest& request) {
  if (!request.guidance_interval.whole())
    settings.extra.emplace_back(kIntervalField, to_text(request.guidance_interval));
}

std::vector<std::string> approximation_words(const Settings& settings) {
  std::vector<std::string> words;
  for (const auto& [name, value] : settings.extra) {
    if (name != kIntervalField) continue;
    if (const auto interval = parse_interval(value))
      words.insert(words.end(), {"--guidance-interval", to_text(*interval)});
  }
  return words;
}

}  // namespace easel::cli
