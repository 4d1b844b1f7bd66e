// The listening socket.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::http {

/// Bound to a numeric address, non-blocking; its port is the one asked for, or any free one for 0.
Result<system::Descriptor> listen_on(const std::string& address, std::uint16_t port);
std::uint16_t port_of(const system::Descriptor& listener);

/// How many descriptors this process may have open, after asking for as many as it is allowed.
std::size_t descriptors_max();

}  // namespace holdfast::linux::http
