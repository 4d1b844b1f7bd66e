// A TCP connection by name or address, within a time; through a proxy where there is one.
#pragma once

#include "linux/net/service_address.h"
#include "linux/system/descriptor.h"
#include "ports/clock.h"

namespace holdfast::linux::net {

/// Waits until the socket is readable (or writable); Retry (kNetTimeout) when the deadline comes first.
Result<void> wait_for_socket(int socket, bool writable, ports::Clock& clock, Instant deadline);

/// A connected, non-blocking socket. `time` is per address; looking a name up is the resolver's own time.
Result<system::Descriptor> dial(const ServiceAddress& address, ports::Clock& clock, Duration time);

}  // namespace holdfast::linux::net
