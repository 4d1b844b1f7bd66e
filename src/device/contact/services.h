// The services of a device's owner as one partner: each call goes to the first one that gives an answer of its own, in
// the order of the trust policy. Promises that an answer other than 200 becomes an Error whose `next` says whether
// waiting can heal it (Retry, Exhausted, Conflict) or somebody has to act (the others), and whose sentence carries what
// the service said, made printable.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ports/net.h"

namespace holdfast::device::contact {

inline constexpr Reason kServiceUnnamed{"service-unnamed"};       ///< there is none to ask
inline constexpr Reason kServiceDenied{"service-denied"};         ///< 401, 403
inline constexpr Reason kServiceDisowns{"service-disowns"};       ///< not this device, or not by this attestation key
inline constexpr Reason kServiceAsksAgain{"service-asks-again"};  ///< a nonce or challenge ended on the way
inline constexpr Reason kServiceMoved{"service-moved"};           ///< the owner's devices belong to another one now
inline constexpr Reason kServiceNotFound{"service-not-found"};    ///< 404
inline constexpr Reason kServiceMisunderstands{"service-misunderstands"};  ///< 400
inline constexpr Reason kServiceRejected{"service-rejected"};              ///< any other 4xx
inline constexpr Reason kServiceBusy{"service-busy"};                      ///< 408, 425, 429, 503
inline constexpr Reason kServiceFailed{"service-failed"};                  ///< any other status

inline constexpr std::size_t kSaidBytesMax = 512;

struct Call {
  std::vector<std::string> services;  ///< `https://host:port`, in the order to try
  ports::Peer peer;
  std::optional<ports::ClientIdentity> identity;
  std::string method;
  std::string path;
  Blob body{};
  std::optional<ports::ByteRange> range{};
};

class Services {
 public:
  /// `trace` goes with every call; empty: none. `earliest` as in ports::NetRequest.
  explicit Services(ports::Net& net, std::string trace = {}, std::optional<WallTime> earliest = {})
      : net_(net), trace_(std::move(trace)), earliest_(earliest) {}

  /// The body of a 200; with a range, just these bytes or fewer where the end is before, whatever the service makes of
  /// ranges.
  Result<Blob> call(const Call& call);

  /// What the last call's refusal asked for (Retry-After).
  std::optional<Duration> asked_to_wait() const { return asked_to_wait_; }

 private:
  ports::Net& net_;
  const std::string trace_;
  const std::optional<WallTime> earliest_;
  std::optional<Duration> asked_to_wait_;
};

/// Whether waiting alone can heal a failure.
bool heals_by_waiting(const Error& error);

}  // namespace holdfast::device::contact
