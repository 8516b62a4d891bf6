#pragma once

#include <string>
#include <vector>

#include "backend/cpu/machine.h"
#include "backend/profile.h"
#include "core/json.h"

namespace easel::cli {

struct BenchResult {
  std::string part;
  std::vector<double> seconds;  ///< of each run, rising
  double profiled_seconds = 0;  ///< of the run that filled the profile
  Profile profile;

  double median() const { return seconds[seconds.size() / 2]; }
  /// Of one run, direct-equivalent.
  double flops() const;
};

struct BenchReport {
  std::string model;
  std::string target;
  int threads = 0;
  std::string precision;
  MachinePeak peak;
  std::vector<BenchResult> results;
};

void print_machine(const BenchReport& report);
void print_result(const BenchReport& report, const BenchResult& result);
/// Every operation with its share; the last row says how much of the time they add up to.
void print_operations(const BenchReport& report, const BenchResult& result);
Json as_json(const BenchReport& report);

}  // namespace easel::cli
