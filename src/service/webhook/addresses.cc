#include "service/webhook/addresses.h"

#include "base/check.h"

namespace holdfast::service::webhook {
namespace {

std::vector<ports::AddressRange> ranges_of(std::initializer_list<std::string_view> texts) {
  std::vector<ports::AddressRange> out;
  for (const std::string_view text : texts) {
    const auto range = ports::parse_address_range(text);
    CHECK_INVARIANT(range.has_value());
    out.push_back(*range);
  }
  return out;
}

/// Of IPv4, everything but these is public.
const std::vector<ports::AddressRange>& special_ipv4() {
  static const auto kRanges = ranges_of(
      {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
       "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
       "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  return kRanges;
}

/// Of IPv6, only what is global unicast is public, without what carries an IPv4 address or belongs to nobody.
const std::vector<ports::AddressRange>& global_ipv6() {
  static const auto kRanges = ranges_of({"2000::/3"});
  return kRanges;
}
const std::vector<ports::AddressRange>& special_ipv6() {
  static const auto kRanges =
      ranges_of({"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20"});
  return kRanges;
}

}  // namespace

bool is_public(const ports::IpAddress& address) {
  if (address.is_ipv4()) return !ports::is_within(special_ipv4(), address);
  return ports::is_within(global_ipv6(), address) && !ports::is_within(special_ipv6(), address);
}

Result<std::vector<ports::IpAddress>> require_allowed(const std::vector<ports::IpAddress>& addresses,
                                                      const std::vector<ports::AddressRange>& also_allowed) {
  std::vector<ports::IpAddress> out;
  for (const auto& address : addresses) {
    if (is_public(address) || ports::is_within(also_allowed, address)) out.push_back(address);
  }
  if (!out.empty()) return out;
  // Which addresses they were is what a caller who probes would like to know.
  return fail(Next::Denied, kWebhookAddressRefused,
              "expected a public address, or one that this service's operator allows, saw neither");
}

}  // namespace holdfast::service::webhook
