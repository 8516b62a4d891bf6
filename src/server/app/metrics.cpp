#include "server/app/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace easel::server {
namespace {

std::int64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long total = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? std::int64_t{resident} * sysconf(_SC_PAGE_SIZE) : 0;
}

void gauge(std::string& out, const char* name, const char* help, double value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help,
                 value);
}

void counter(std::string& out, const char* name, const char* help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} counter\n", name, help);
}

void histogram(std::string& out, const char* name, const char* help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} histogram\n", name, help);
}

}  // namespace

void Metrics::request(int status) { ++requests_[status]; }

double Metrics::uptime() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

std::string Metrics::text(const Gauges& now) const {
  std::string out;
  add_gauges(out, now);
  add_counters(out);
  add_durations(out);
  return out;
}

void Metrics::add_gauges(std::string& out, const Gauges& g) {
  out += "# HELP easel_build_info the program\n# TYPE easel_build_info gauge\n";
  out += "easel_build_info{version=\"" EASEL_VERSION "\"} 1\n";
  gauge(out, "easel_queue_length", "jobs waiting", g.queued);
  gauge(out, "easel_jobs_running", "jobs being drawn", g.running);
  gauge(out, "easel_queue_paused", "1 while the disk is full", g.paused ? 1 : 0);
  gauge(out, "easel_model_loaded", "1 while a model's weights are in memory",
        g.model_loaded ? 1 : 0);
  gauge(out, "easel_connections", "open connections", g.connections);
  gauge(out, "easel_event_streams", "open event streams", g.streams);
  gauge(out, "easel_gallery_pictures", "pictures in the gallery", static_cast<double>(g.gallery));
  gauge(out, "easel_disk_free_bytes", "free space for pictures", static_cast<double>(g.disk_free));
  gauge(out, "easel_uptime_seconds", "since the start", g.uptime);
  gauge(out, "process_resident_memory_bytes", "memory in use",
        static_cast<double>(resident_bytes()));
}

void Metrics::add_counters(std::string& out) const {
  const auto to = std::back_inserter(out);
  counter(out, "easel_http_requests_total", "answers by status");
  for (const auto& [status, count] : requests_) {
    fmt::format_to(to, "easel_http_requests_total{{status=\"{}\"}} {}\n", status, count);
  }
  counter(out, "easel_jobs_total", "jobs that ended, by state");
  for (const auto& [state, count] : jobs_) {
    fmt::format_to(to, "easel_jobs_total{{state=\"{}\"}} {}\n", state, count);
  }
  counter(out, "easel_pictures_total", "pictures drawn");
  fmt::format_to(to, "easel_pictures_total {}\n", pictures_);
  counter(out, "easel_errors_total", "troubles of the server's own");
  fmt::format_to(to, "easel_errors_total {}\n", troubles_);
}

void Metrics::add_durations(std::string& out) const {
  histogram(out, "easel_step_seconds", "seconds of a denoising step of a batch");
  steps_.write(out, "easel_step_seconds", "");
  histogram(out, "easel_job_wait_seconds", "seconds from a job's submission to its start");
  waits_.write(out, "easel_job_wait_seconds", "");
  histogram(out, "easel_http_request_seconds", "seconds from a request to its answer, by route");
  for (const auto& [route, durations] : routes_) {
    durations.write(out, "easel_http_request_seconds", "route=\"" + route + "\"");
  }
}

void Durations::add(double seconds) {
  const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts_[static_cast<std::size_t>(at - kBounds.begin())];
  sum_ += seconds;
  ++count_;
}

void Durations::write(std::string& out, const std::string& name, const std::string& label) const {
  const auto to = std::back_inserter(out);
  const std::string before = label.empty() ? "" : label + ",";
  const std::string labels = label.empty() ? "" : "{" + label + "}";
  std::int64_t below = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    below += counts_[i];
    fmt::format_to(to, "{}_bucket{{{}le=\"{}\"}} {}\n", name, before, kBounds[i], below);
  }
  fmt::format_to(to, "{}_bucket{{{}le=\"+Inf\"}} {}\n", name, before, count_);
  fmt::format_to(to, "{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, labels, sum_, count_);
}

}  // namespace easel::server
