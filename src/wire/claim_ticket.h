// A claim ticket: what a device needs to become its owner's, and no more (flow 1.2). It names the services, pins the
// owner's root by digest, and carries a secret that works once. It is a file for a factory or a technician, and a
// secret.
#pragma once

#include <optional>

#include "base/secret.h"
#include "wire/message.h"

namespace holdfast::wire {

inline constexpr std::size_t kServicesMax = 8;
inline constexpr std::size_t kClaimSecretBytes = 32;

struct ClaimTicket {
  std::vector<std::string> services;  ///< `https://host:port`, in the order to try
  Digest256 owner_root{};             ///< SHA-256 of the owner's root metadata as bytes
  Secret secret;
  std::string catalog;
  std::string product;
  std::string device_group;
  WallTime expires;
  std::optional<std::string> device;  ///< re-enrolment: the only device that may use it

  static Result<ClaimTicket> decode(Bytes file);
  Blob encode() const;
};

}  // namespace holdfast::wire
