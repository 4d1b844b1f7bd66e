#include "programs/swarm/measurements.h"

#include <algorithm>
#include <cmath>

namespace holdfast::programs::swarm {

std::string_view name_of(Message message) {
  constexpr std::array<std::string_view, kMessages> kNames = {"bootstrap", "enrol",  "enrol proof",
                                                              "challenge", "attest", "check-in"};
  return kNames[static_cast<std::size_t>(message)];
}

Message message_of(std::string_view path) {
  if (path.starts_with("/v1/bootstrap")) return Message::Bootstrap;
  if (path == "/v1/enroll") return Message::Enroll;
  if (path == "/v1/enroll/proof") return Message::EnrollProof;
  if (path == "/v1/attest/challenge") return Message::AttestChallenge;
  return path == "/v1/attest" ? Message::Attest : Message::CheckIn;
}

void Measurements::note(Message message, Outcome outcome, Time took) {
  PerMessage& one = messages_[static_cast<std::size_t>(message)];
  one.outcomes[static_cast<std::size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
  if (outcome != Outcome::Served) return;
  const double doublings = std::log2(static_cast<double>(std::max<std::int64_t>(took.count(), 1)));
  const auto bucket = std::min(static_cast<std::size_t>(doublings * kSteps), kBuckets - 1);
  one.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Measurements::count(Message message, Outcome outcome) const {
  return messages_[static_cast<std::size_t>(message)].outcomes[static_cast<std::size_t>(outcome)];
}

Measurements::Time Measurements::within(Message message, double share) const {
  const auto served = static_cast<double>(count(message, Outcome::Served));
  double seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += static_cast<double>(messages_[static_cast<std::size_t>(message)].buckets[bucket]);
    if (seen > 0 && seen >= share * served) {
      return Time(static_cast<std::int64_t>(std::exp2(static_cast<double>(bucket + 1) / kSteps)));
    }
  }
  return Time::zero();
}

void Measurements::clear() {
  for (PerMessage& one : messages_) {
    for (auto& bucket : one.buckets) bucket = 0;
    for (auto& outcome : one.outcomes) outcome = 0;
  }
}

}  // namespace holdfast::programs::swarm
