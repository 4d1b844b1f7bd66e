// The metrics of a running holdfastd: what the service counts, what the listeners saw, and what the process uses.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "ports/metrics.h"

namespace holdfast::programs {

class Metrics final : public ports::Metrics {
 public:
  /// A value that is asked for when somebody looks. `type` is `gauge` or `counter`.
  struct Source {
    std::string name;
    std::string help;
    std::string type;
    std::function<double()> value;
    std::string labels = {};  ///< `port="device"`, or empty
  };

  void count(const ports::Counter& counter, std::string_view first, std::string_view second = {}) override;
  std::string text() override;

  /// How long a request at this port took in the service, without the flush and the network.
  void served(std::string_view port, std::chrono::nanoseconds took);
  /// Before anybody looks. Sources of one name follow each other.
  void add(Source source) { sources_.push_back(std::move(source)); }

 private:
  using Labels = std::pair<std::string, std::string>;
  struct Counted {
    ports::Counter counter;
    std::map<Labels, std::uint64_t> values;
  };
  struct Histogram {
    std::vector<std::uint64_t> buckets;
    double sum_s = 0;
    std::uint64_t count = 0;
  };

  std::string counters_text() const;
  std::string histograms_text() const;
  std::string sources_text() const;

  mutable std::mutex mutex_;
  std::map<std::string, Counted, std::less<>> counted_;
  std::map<std::string, Histogram, std::less<>> served_;  ///< by port
  std::vector<Source> sources_;
};

/// CPU, memory, open descriptors and start of this process, under the names that Prometheus' own clients use.
void add_process_sources(Metrics& metrics);

}  // namespace holdfast::programs
