#include "programs/holdfastd/metrics.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace holdfast;
using namespace holdfast::programs;

namespace {

constexpr ports::Counter kSeen{"holdfast_seen_total", "What was seen.", {"colour", "size"}};
constexpr ports::Counter kPlain{"holdfast_plain_total", "One label.", {"colour", ""}};

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("counters, durations and gauges are told in Prometheus' text format, each under its heading") {
  Metrics metrics;
  metrics.count(kSeen, "red", "small");
  metrics.count(kSeen, "red", "small");
  metrics.count(kSeen, "blue", "large");
  metrics.count(kPlain, "red");
  metrics.served("device", std::chrono::microseconds(700));
  metrics.served("device", std::chrono::seconds(9));
  metrics.add({"holdfast_level", "How high.", "gauge", [] { return 2.5; }, "side=\"left\""});
  const std::string text = metrics.text();
  CHECK(has_line(text, "# HELP holdfast_seen_total What was seen."));
  CHECK(has_line(text, "# TYPE holdfast_seen_total counter"));
  CHECK(has_line(text, "holdfast_seen_total{colour=\"red\",size=\"small\"} 2"));
  CHECK(has_line(text, "holdfast_seen_total{colour=\"blue\",size=\"large\"} 1"));
  CHECK(has_line(text, "holdfast_plain_total{colour=\"red\"} 1"));
  CHECK(has_line(text, "holdfast_request_seconds_bucket{port=\"device\",le=\"0.0005\"} 0"));
  CHECK(has_line(text, "holdfast_request_seconds_bucket{port=\"device\",le=\"0.001\"} 1"));
  CHECK(has_line(text, "holdfast_request_seconds_bucket{port=\"device\",le=\"2.5\"} 1"));
  CHECK(has_line(text, "holdfast_request_seconds_bucket{port=\"device\",le=\"+Inf\"} 2"));
  CHECK(has_line(text, "holdfast_request_seconds_count{port=\"device\"} 2"));
  CHECK(has_line(text, "# TYPE holdfast_level gauge"));
  CHECK(has_line(text, "holdfast_level{side=\"left\"} 2.5"));
}

TEST_CASE("a label's value cannot end its quotes, and there is no end of values for one counter") {
  Metrics metrics;
  metrics.count(kPlain, "a\"b\\c\nd");
  CHECK(has_line(metrics.text(), "holdfast_plain_total{colour=\"a\\\"b\\\\c d\"} 1"));
  for (int i = 0; i < 5'000; ++i) metrics.count(kPlain, std::to_string(i));
  const std::string text = metrics.text();
  CHECK(std::count(text.begin(), text.end(), '\n') < 2'100);
}

TEST_CASE("a process tells what it uses") {
  Metrics metrics;
  add_process_sources(metrics);
  const std::string text = metrics.text();
  for (const char* name : {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
                           "process_start_time_seconds "}) {
    const std::size_t at = text.find(std::string("\n") + name);
    REQUIRE(at != std::string::npos);
    CHECK(std::stod(text.substr(at + 1 + std::string_view(name).size())) > 0);
  }
}
