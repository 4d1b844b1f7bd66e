// How a device is on its network, where that is not left to the network (DHCP, routers): fixed addresses, name servers,
// time servers, a proxy. Its factory says so, or its owner by signed settings of the application `network`; read the
// same way where it is released, where it is tried, and by the first process. Refuses members that this version does
// not know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "ports/ip_address.h"

namespace holdfast::ports {

inline constexpr Reason kNetworkMalformed{"network-malformed"};
/// The application whose settings these are.
inline constexpr std::string_view kNetworkApplication{"network"};
inline constexpr std::size_t kNetworkBytesMax = 4096;
inline constexpr std::size_t kInterfacesMax = 8;
inline constexpr std::size_t kAddressesMax = 2;       ///< of an interface: one of each family
inline constexpr std::size_t kNetworkServersMax = 3;  ///< as many as glibc asks (resolv.conf(5))

struct InterfaceAddress {
  IpAddress address;
  unsigned bits = 0;  ///< of its network, as its family counts them
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

/// In place of what DHCP says; what routers say of IPv6 counts beside it.
struct InterfaceSettings {
  std::vector<InterfaceAddress> addresses;  ///< at most one of each family
  std::optional<IpAddress> gateway;         ///< IPv4
  friend bool operator==(const InterfaceSettings&, const InterfaceSettings&) = default;
};

struct NetworkProxy {
  std::string host;  ///< a name or an address
  std::uint16_t port = 0;
  friend bool operator==(const NetworkProxy&, const NetworkProxy&) = default;
};

struct NetworkSettings {
  std::map<std::string, InterfaceSettings, std::less<>> interfaces;  ///< others ask DHCP
  std::vector<IpAddress> name_servers;    ///< in place of the network's; empty: the network's
  std::vector<std::string> time_servers;  ///< names or addresses, in the same way
  std::optional<NetworkProxy> proxy;      ///< of HTTP (RFC 9110, CONNECT), for everything that is fetched or told
  friend bool operator==(const NetworkSettings&, const NetworkSettings&) = default;
};

/// {"interfaces"?: {"eth0": {"addresses": ["192.0.2.7/24"], "gateway"?: "192.0.2.1"}}, "name_servers"?: ["192.0.2.53"],
/// "time_servers"?: ["ntp.example"], "proxy"?: {"host": "proxy.example", "port": 3128}}
Result<NetworkSettings> parse_network(const json::Value& value);
Result<NetworkSettings> parse_network(Bytes text);
std::string to_json(const NetworkSettings& settings);

}  // namespace holdfast::ports
