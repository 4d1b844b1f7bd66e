#include "linux/http/admission.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::linux::http {
namespace {

constexpr Duration kTidyEvery = seconds(1);

std::unexpected<Error> too_many(std::size_t max, std::string_view of) {
  return fail(Next::Exhausted, kHttpTooMany, cat("expected at most ", max, " ", of, ", saw one more"));
}

}  // namespace

Admission::Admission(const Limits& limits)
    : connections_max_(limits.connections_max),
      connections_per_source_max_(limits.connections_per_source_max),
      rate_per_ms_(limits.requests_per_source_s / 1000.0),
      burst_(std::max(limits.requests_per_source_burst, 1U)) {}

double Admission::tokens_at(const Entry& entry, Instant now) const {
  const auto passed = static_cast<double>(std::max<std::int64_t>((now - entry.filled).count(), 0));
  return std::min(burst_, entry.tokens + passed * rate_per_ms_);
}

bool Admission::take_token(Entry& entry, Instant now) const {
  if (rate_per_ms_ == 0) return true;
  entry.tokens = tokens_at(entry, now);
  entry.filled = now;
  if (entry.tokens < 1) return false;
  entry.tokens -= 1;
  return true;
}

/// An entry without connections and with a full bucket says nothing.
void Admission::forget_quiet(Instant now) {
  if (now - tidied_ < kTidyEvery) return;
  tidied_ = now;
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = item.second;
    return entry.connections == 0 && (rate_per_ms_ == 0 || tokens_at(entry, now) >= burst_);
  });
}

Result<void> Admission::connect(const Source& source, Instant now) {
  const std::lock_guard hold(lock_);
  if (connections_ >= connections_max_) return too_many(connections_max_, "connections");
  if (entries_.size() >= kSourcesMax && !entries_.contains(source.network)) {
    forget_quiet(now);
    if (entries_.size() >= kSourcesMax) return too_many(kSourcesMax, "sources");
  }
  auto [at, is_new] = entries_.try_emplace(source.network, Entry{0, burst_, now});
  if (at->second.connections >= connections_per_source_max_) {
    return too_many(connections_per_source_max_, "connections from one source");
  }
  if (!take_token(at->second, now)) {
    return fail(Next::Exhausted, kHttpTooMany, "expected fewer connections a second from one source");
  }
  ++at->second.connections;
  ++connections_;
  return {};
}

void Admission::disconnect(const Source& source) {
  const std::lock_guard hold(lock_);
  const auto at = entries_.find(source.network);
  CHECK_INVARIANT(at != entries_.end() && at->second.connections > 0);
  --at->second.connections;
  --connections_;
}

std::optional<Duration> Admission::request(const Source& source, Instant now) {
  if (rate_per_ms_ == 0) return std::nullopt;
  const std::lock_guard hold(lock_);
  const auto at = entries_.find(source.network);
  CHECK_INVARIANT(at != entries_.end());
  Entry& entry = at->second;
  if (take_token(entry, now)) return std::nullopt;
  return Duration(static_cast<std::int64_t>(std::ceil((1 - entry.tokens) / rate_per_ms_)));
}

std::size_t Admission::connections() const {
  const std::lock_guard hold(lock_);
  return connections_;
}

}  // namespace holdfast::linux::http
