#include "cli/bench_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/console.h"
#include "core/json.h"

namespace easel::cli {
namespace {

using ProfileRow = std::pair<std::string, ProfileEntry>;

std::vector<ProfileRow> slowest_first(const Profile& profile) {
  std::vector<ProfileRow> rows(profile.begin(), profile.end());
  std::sort(rows.begin(), rows.end(), [](const ProfileRow& a, const ProfileRow& b) {
    return a.second.seconds > b.second.seconds;
  });
  return rows;
}

double profiled(const Profile& profile) {
  double total = 0;
  for (const auto& [name, entry] : profile) total += entry.seconds;
  return total;
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

}  // namespace

double BenchResult::flops() const {
  double total = 0;
  for (const auto& [name, entry] : profile) total += entry.flops;
  return total;
}

void print_machine(const BenchReport& report) {
  print_line(fmt::format("{} on {}, {} thread{}, {} weights", report.model, report.target,
                         report.threads, report.threads == 1 ? "" : "s", report.precision));
  print_line(fmt::format(
      "{} can do at most {:.1f} GFLOP/s of float32 multiply-adds and read {:.1f} GB/s",
      report.threads == 1 ? "this thread" : fmt::format("these {} threads", report.threads),
      report.peak.flops / 1e9, report.peak.bytes_per_second / 1e9));
  print_line("");
  print_line(fmt::format("{:<40} {:>10} {:>10} {:>10} {:>9} {:>9}", "part", "min ms", "median ms",
                         "max ms", "GFLOP/s", "of peak"));
}

void print_result(const BenchReport& report, const BenchResult& result) {
  const double rate = result.flops() / result.median();
  print_line(fmt::format("{:<40} {:>10.1f} {:>10.1f} {:>10.1f} {:>9.1f} {:>8.0f}%", result.part,
                         1e3 * result.seconds.front(), 1e3 * result.median(),
                         1e3 * result.seconds.back(), rate / 1e9,
                         percent(rate, report.peak.flops)));
}

void print_operations(const BenchReport& report, const BenchResult& result) {
  print_line(fmt::format("  {:<38} {:>5} {:>10} {:>6} {:>9} {:>8} {:>7}  {}", "operation", "calls",
                         "ms", "share", "GFLOP/s", "of peak", "GB/s", "algorithm"));
  for (const auto& [name, e] : slowest_first(result.profile)) {
    print_line(fmt::format(
        "  {:<38} {:>5} {:>10.2f} {:>5.1f}% {:>9.1f} {:>7.0f}% {:>7.1f}  {}", name, e.calls,
        1e3 * e.seconds, percent(e.seconds, result.profiled_seconds), e.flops / e.seconds / 1e9,
        percent(e.flops / e.seconds, report.peak.flops), e.bytes / e.seconds / 1e9, e.algorithm));
  }
  const double total = profiled(result.profile);
  print_line(fmt::format("  {:<38} {:>5} {:>10.2f} {:>5.1f}%", "all operations", "", 1e3 * total,
                         percent(total, result.profiled_seconds)));
  print_line("");
}

Json as_json(const BenchReport& report) {
  Json json = {
      {"model", report.model},           {"target", report.target},
      {"threads", report.threads},       {"precision", report.precision},
      {"peak_flops", report.peak.flops}, {"peak_bytes_per_second", report.peak.bytes_per_second},
      {"parts", Json::array()}};
  for (const BenchResult& result : report.results) {
    Json operations = Json::array();
    for (const auto& [name, e] : slowest_first(result.profile)) {
      operations.push_back({{"name", name},
                            {"algorithm", e.algorithm},
                            {"calls", e.calls},
                            {"seconds", e.seconds},
                            {"flops", e.flops},
                            {"bytes", e.bytes}});
    }
    json["parts"].push_back(
        {{"name", result.part},
         {"seconds", result.seconds},
         {"median", result.median()},
         {"flops", result.flops()},
         {"share_of_peak", result.flops() / result.median() / report.peak.flops},
         {"profiled_seconds", result.profiled_seconds},
         {"operations_seconds", profiled(result.profile)},
         {"operations", operations}});
  }
  return json;
}

}  // namespace easel::cli
