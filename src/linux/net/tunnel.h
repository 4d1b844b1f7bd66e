// A way through an HTTP proxy (RFC 9110 §9.3.6): CONNECT, and behind its answer the bytes of both ends. The proxy looks
// the name up, and sees no more than whom is spoken to and when.
#pragma once

#include "linux/net/service_address.h"
#include "linux/system/descriptor.h"
#include "ports/clock.h"

namespace holdfast::linux::net {

inline constexpr std::size_t kTunnelAnswerBytesMax = 8 * 1024;

/// `socket` reaches the proxy; afterwards it reaches `address`. Retry (kNetUnreachable) with what the proxy said.
Result<void> open_tunnel(const system::Descriptor& socket, const ServiceAddress& address, ports::Clock& clock,
                         Duration time);

}  // namespace holdfast::linux::net
