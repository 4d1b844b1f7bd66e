// `https://host[:port]`, and nothing behind it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace holdfast::linux::net {

struct ServiceAddress {
  std::string host;  ///< a DNS name or an address; IPv6 without brackets
  std::uint16_t port = 443;
  std::string authority;  ///< as written, for the Host header
};

Result<ServiceAddress> parse_service(std::string_view text);

}  // namespace holdfast::linux::net
