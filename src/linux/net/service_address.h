// `https://host[:port]`, and nothing behind it; `http://` too where content proves itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ports/ip_address.h"
#include "ports/network/network_settings.h"

namespace holdfast::linux::net {

struct ServiceAddress {
  std::string host;  ///< a DNS name or an address; IPv6 without brackets
  std::uint16_t port = 443;
  std::string authority;                       ///< as written, for the Host header
  bool is_plain = false;                       ///< without TLS
  std::optional<ports::IpAddress> dialled{};   ///< instead of what the host resolves to
  std::optional<ports::IpAddress> from{};      ///< an IPv4 address of ours
  std::optional<ports::NetworkProxy> proxy{};  ///< which looks the host up, and reaches it
};

Result<ServiceAddress> parse_service(std::string_view text);
Result<ServiceAddress> parse_web_service(std::string_view text);

}  // namespace holdfast::linux::net
