// How a service refuses: a problem document (RFC 9457), whose `title` is the reason's word and whose `detail` is the
// sentence. Words that a device acts upon are listed here; it prints the others. Members that we do not know are passed
// over, as §3.2 asks.
#pragma once

#include <array>
#include <string>

#include "base/json/value.h"

namespace holdfast::wire {

inline constexpr std::size_t kProblemBytesMax = 16 * 1024;
inline constexpr std::size_t kProblemTextBytesMax = 1024;

/// Something ended or changed on the way: asking again from the start may go well.
inline constexpr std::array<std::string_view, 4> kAskAgain = {"nonce-unknown", "nonce-expired", "challenge-unknown",
                                                              "attested-meanwhile"};
/// The catalog lives elsewhere: the newest trust policy says where.
inline constexpr std::array<std::string_view, 1> kMoved = {"catalog-left"};
/// The service does not know this device, or not by this attestation key.
inline constexpr std::array<std::string_view, 2> kDisowned = {"device-unknown", "evidence-not-authentic"};

struct Problem {
  std::string reason;
  std::string detail;

  static Result<Problem> decode(Bytes body);
};

}  // namespace holdfast::wire
