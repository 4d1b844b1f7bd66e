// A call to an address that somebody else chose: a webhook. Looking a name up and calling are apart, so that whoever
// decides judges the very address that is dialled, and a name that changes meanwhile changes nothing.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ports/ip_address.h"
#include "ports/net.h"

namespace holdfast::ports {

inline constexpr Reason kCalloutNameUnknown{"callout-name-unknown"};
inline constexpr std::size_t kCalloutAddressesMax = 8;

/// The peer's certificate must chain to a public CA that this machine trusts and name the host.
struct PeerPublic {};

struct CalloutRequest {
  IpAddress address;  ///< dialled, whatever the host resolves to
  std::uint16_t port = 443;
  std::string host;  ///< that the peer's certificate must name
  std::variant<PeerUnder, PeerPublic> peer;
  std::string target;  ///< path and query, already encoded
  std::vector<std::pair<std::string, std::string>> headers;
  Blob body;  ///< JSON
};

class Callout {
 public:
  virtual ~Callout() = default;
  /// The addresses of a host, in the order to try them; of an address, itself.
  virtual Result<std::vector<IpAddress>> resolve(const std::string& host) = 0;
  /// One POST over TLS 1.3. The answer's status, whatever it is; its content is bounded and thrown away, and a
  /// redirect is an answer like any other. Reasons of ports/net.h.
  virtual Result<int> post(const CalloutRequest& request) = 0;
};

}  // namespace holdfast::ports
