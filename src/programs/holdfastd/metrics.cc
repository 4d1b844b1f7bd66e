#include "programs/holdfastd/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace holdfast::programs {
namespace {

/// Of what a stranger can choose nothing is a label; this only bounds our own mistakes.
constexpr std::size_t kValuesMax = 2000;
constexpr std::array<double, 12> kBucketsS = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string heading(std::string_view name, std::string_view help, std::string_view type) {
  return cat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

std::string labels_text(const ports::Counter& counter, const std::pair<std::string, std::string>& values) {
  std::string out = cat("{", counter.labels[0], "=\"", escaped(values.first), "\"");
  if (!counter.labels[1].empty()) out += cat(",", counter.labels[1], "=\"", escaped(values.second), "\"");
  return out + "}";
}

double cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code failed;
  const std::filesystem::directory_iterator folder("/proc/self/fd", failed);
  return failed ? 0 : static_cast<double>(std::distance(begin(folder), end(folder))) - 1;
}

}  // namespace

void Metrics::count(const ports::Counter& counter, std::string_view first, std::string_view second) {
  const std::lock_guard lock(mutex_);
  auto at = counted_.find(counter.name);
  if (at == counted_.end()) at = counted_.emplace(std::string(counter.name), Counted{counter, {}}).first;
  auto& values = at->second.values;
  Labels labels{std::string(first), std::string(second)};
  if (values.size() < kValuesMax || values.contains(labels)) ++values[std::move(labels)];
}

void Metrics::served(std::string_view port, std::chrono::nanoseconds took) {
  const double took_s = std::chrono::duration<double>(took).count();
  const std::lock_guard lock(mutex_);
  auto at = served_.find(port);
  if (at == served_.end()) at = served_.emplace(std::string(port), Histogram{}).first;
  Histogram& histogram = at->second;
  histogram.buckets.resize(kBucketsS.size());
  const auto bucket = std::ranges::lower_bound(kBucketsS, took_s) - kBucketsS.begin();
  if (static_cast<std::size_t>(bucket) < kBucketsS.size()) ++histogram.buckets[static_cast<std::size_t>(bucket)];
  histogram.sum_s += took_s;
  ++histogram.count;
}

std::string Metrics::text() {
  const std::lock_guard lock(mutex_);
  return counters_text() + histograms_text() + sources_text();
}

std::string Metrics::counters_text() const {
  std::string out;
  for (const auto& [name, counted] : counted_) {
    out += heading(name, counted.counter.help, "counter");
    for (const auto& [values, count] : counted.values) {
      out += cat(name, labels_text(counted.counter, values), " ", count, "\n");
    }
  }
  return out;
}

std::string Metrics::histograms_text() const {
  constexpr std::string_view kName = "holdfast_request_seconds";
  std::string out = heading(kName, "Time of a request in the service, without its flush and the network.", "histogram");
  for (const auto& [port, histogram] : served_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBucketsS.size(); ++i) {
      below += histogram.buckets[i];
      out += cat(kName, "_bucket{port=\"", port, "\",le=\"", number(kBucketsS[i]), "\"} ", below, "\n");
    }
    out += cat(kName, "_bucket{port=\"", port, "\",le=\"+Inf\"} ", histogram.count, "\n");
    out += cat(kName, "_sum{port=\"", port, "\"} ", number(histogram.sum_s), "\n");
    out += cat(kName, "_count{port=\"", port, "\"} ", histogram.count, "\n");
  }
  return out;
}

std::string Metrics::sources_text() const {
  std::string out;
  std::string_view last;
  for (const Source& source : sources_) {
    if (source.name != last) out += heading(source.name, source.help, source.type);
    last = source.name;
    const std::string labels = source.labels.empty() ? "" : cat("{", source.labels, "}");
    out += cat(source.name, labels, " ", number(source.value()), "\n");
  }
  return out;
}

void add_process_sources(Metrics& metrics) {
  const auto started_at = static_cast<double>(std::time(nullptr));
  metrics.add({"process_cpu_seconds_total", "User and system time.", "counter", cpu_s});
  metrics.add({"process_resident_memory_bytes", "Resident memory.", "gauge", resident_bytes});
  metrics.add({"process_open_fds", "Open descriptors.", "gauge", open_descriptors});
  metrics.add({"process_start_time_seconds", "When the process began, since 1970.", "gauge",
               [started_at] { return started_at; }});
}

}  // namespace holdfast::programs
