#include "cli/approximations.h"

#include <charconv>

#include "core/error.h"
#include "core/units.h"

namespace easel::cli {
namespace {

constexpr const char* kIntervalField = "Guidance interval";
constexpr const char* kDeepField = "DeepCache";
constexpr const char* kDocument = "docs/performance/approximations.md";
constexpr int kUsualEvery = 3;

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
  app.add_option("--fast", options.fast,
                 "cache:N computes the network's deep levels in every Nth step and uses them again "
                 "in between; cache is cache:3 [not at all]")
      ->type_name("cache[:N]")
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
  if (!options.fast.empty()) {
    const auto every = parse_fast(options.fast);
    if (!every)
      fail(ErrorCode::kUsage, "--fast wants cache, or cache:N with N from 2 to 100, not '{}'",
           options.fast);
    request.deep_every = *every;
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

std::optional<int> parse_fast(const std::string& text) {
  constexpr std::string_view kPrefix = "cache:";
  if (text == "cache") return kUsualEvery;
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const auto every = parse<int>(std::string_view(text).substr(kPrefix.size()));
  return every && *every >= 2 && *every <= 100 ? every : std::nullopt;
}

std::string price_of(const DrawRequest& request, double computed) {
  if (request.guidance_interval.whole() && request.deep_every == 1) return "";
  return fmt::format(
      "{:.0f} % of the denoiser's operations were run; what that does to pictures is measured in "
      "{}",
      100 * computed, kDocument);
}

void add_approximations(Settings& settings, const DrawRequest& request) {
  if (!request.guidance_interval.whole())
    settings.extra.emplace_back(kIntervalField, to_text(request.guidance_interval));
  if (request.deep_every > 1)
    settings.extra.emplace_back(kDeepField, std::to_string(request.deep_every));
}

std::vector<std::string> approximation_words(const Settings& settings) {
  std::vector<std::string> words;
  for (const auto& [name, value] : settings.extra) {
    if (name == kIntervalField) {
      if (const auto interval = parse_interval(value))
        words.insert(words.end(), {"--guidance-interval", to_text(*interval)});
    } else if (name == kDeepField) {
      if (const auto every = parse_fast("cache:" + value))
        words.insert(words.end(), {"--fast", "cache:" + std::to_string(*every)});
    }
  }
  return words;
}

}  // namespace easel::cli
