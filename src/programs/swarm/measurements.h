// How long each kind of message took, from many threads: counts in buckets that are 3 % wide.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace holdfast::programs::swarm {

enum class Message { Bootstrap, Enroll, EnrollProof, AttestChallenge, Attest, CheckIn };
inline constexpr std::size_t kMessages = 6;
std::string_view name_of(Message message);
Message message_of(std::string_view path);

enum class Outcome {
  Served,
  Refused,   ///< by an answer that is none of the below
  ToldWait,  ///< 429 and 503
  NoAnswer,
};
inline constexpr std::size_t kOutcomes = 4;

class Measurements {
 public:
  using Time = std::chrono::nanoseconds;

  void note(Message message, Outcome outcome, Time took);
  std::uint64_t count(Message message, Outcome outcome) const;
  /// The time within which this share of the served messages was answered; zero where there was none.
  Time within(Message message, double share) const;
  void clear();

 private:
  static constexpr std::size_t kSteps = 24;  ///< per doubling
  static constexpr std::size_t kBuckets = 40 * kSteps;
  struct PerMessage {
    std::array<std::atomic<std::uint64_t>, kBuckets> buckets{};
    std::array<std::atomic<std::uint64_t>, kOutcomes> outcomes{};
  };
  std::array<PerMessage, kMessages> messages_;
};

}  // namespace holdfast::programs::swarm
