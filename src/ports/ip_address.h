// An IP address as 16 bytes, IPv4 in its mapped form (RFC 4291 §2.5.5.2), so that both spellings of one address are one
// value; and ranges of addresses (RFC 4632). Takes the forms that every reader reads alike and no others: four decimal
// numbers without leading zeros, groups of hex digits with at most one `::`, no zone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kIpAddressMalformed{"ip-address-malformed"};

struct IpAddress {
  ByteArray<16> bytes{};
  bool is_ipv4() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

Result<IpAddress> parse_ip_address(std::string_view text);
/// A form that parse_ip_address() takes; IPv6 with all its groups.
std::string to_text(const IpAddress& address);

struct AddressRange {
  IpAddress first;
  unsigned bits = 128;  ///< that an address shares with `first`; of IPv4, its prefix and 96
  bool holds(const IpAddress& address) const;
};

/// `10.0.0.0/8`, `fd00::/8`. No bit may be set behind the prefix.
Result<AddressRange> parse_address_range(std::string_view text);

bool is_within(const std::vector<AddressRange>& ranges, const IpAddress& address);

}  // namespace holdfast::ports
