// Who may connect and how often a source may ask: budget before cost. Counts per source and in all; a token bucket per
// source outlives its connections, so that reconnecting refills nothing. Bounded in memory; safe from many threads.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/time.h"
#include "linux/http/server.h"
#include "linux/http/source.h"

namespace holdfast::linux::http {

inline constexpr std::size_t kSourcesMax = 65'536;

class Admission {
 public:
  explicit Admission(const Limits& limits);

  /// Exhausted (kHttpTooMany) when there is no room, or the source is too fast; else counted until disconnect().
  Result<void> connect(const Source& source, Instant now);
  void disconnect(const Source& source);
  /// Nothing when the request may go on, else how long to wait.
  std::optional<Duration> request(const Source& source, Instant now);

  std::size_t connections() const;

 private:
  struct Entry {
    std::size_t connections = 0;
    double tokens = 0;
    Instant filled;
  };
  bool take_token(Entry& entry, Instant now) const;
  double tokens_at(const Entry& entry, Instant now) const;
  void forget_quiet(Instant now);

  const std::size_t connections_max_;
  const std::size_t connections_per_source_max_;
  const double rate_per_ms_;
  const double burst_;
  mutable std::mutex lock_;
  std::unordered_map<ByteArray<9>, Entry, NetworkHash> entries_;
  std::size_t connections_ = 0;
  Instant tidied_;
};

}  // namespace holdfast::linux::http
