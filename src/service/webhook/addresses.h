// Which addresses a webhook may be sent to: those of the public internet, and what the service's operator allows
// besides. Everything else is refused, so that a catalog's owner cannot reach what only this machine can.
#pragma once

#include "ports/ip_address.h"

namespace holdfast::service::webhook {

inline constexpr Reason kWebhookAddressRefused{"webhook-address-refused"};

/// Globally reachable unicast by the registries of special-purpose addresses (RFC 6890): no loopback, link-local,
/// private, shared, unique-local, multicast, unspecified, documentation, benchmarking, tunnelled or reserved one.
bool is_public(const ports::IpAddress& address);

/// Of `addresses`, those that may be dialled, in their order; Denied when none may.
Result<std::vector<ports::IpAddress>> require_allowed(const std::vector<ports::IpAddress>& addresses,
                                                      const std::vector<ports::AddressRange>& also_allowed);

}  // namespace holdfast::service::webhook
