// Where a connection comes from, as limits count it: an IPv4 address, or an IPv6 /64, which is what one party is given.
#pragma once

#include <string>

#include "base/bytes.h"
#include "ports/ip_address.h"

namespace holdfast::linux::http {

struct Source {
  std::string address;   ///< as text, whole
  ports::IpAddress ip;   ///< the same
  ByteArray<9> network;  ///< the family and what is counted as one
};

/// From 4 or 16 bytes; an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is the IPv4 address.
Source source_of(Bytes address);

struct NetworkHash {
  std::size_t operator()(const ByteArray<9>& network) const;
};

}  // namespace holdfast::linux::http
