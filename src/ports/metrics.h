// What a running process counts about itself, for whoever watches it. From many threads; never waits.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::ports {

/// Of Prometheus' naming: `holdfast_…_total`, in words what it counts, and by which labels (at most two, empty: none).
struct Counter {
  std::string_view name;
  std::string_view help;
  std::array<std::string_view, 2> labels;
};

class Metrics {
 public:
  virtual ~Metrics() = default;
  /// One more, for these values of the labels: words of a small set, never what a stranger sent.
  virtual void count(const Counter& counter, std::string_view first, std::string_view second = {}) = 0;
  /// Everything, in Prometheus' text format (version 0.0.4).
  virtual std::string text() = 0;
};

}  // namespace holdfast::ports
