// The client's side of TLS 1.3 towards one service. What the peer must prove is said when the connector is made; there
// is no default. The last session is kept and resumed, so that a key in a slow vault signs once per certificate and
// not once per connection. Not for use from two threads at once.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "linux/tls/identity.h"
#include "linux/tls/stream.h"

namespace holdfast::linux::tls {

/// The chain must end at this CA (DER, self-signed) and the leaf must name the host.
struct PeerUnder {
  Blob service_ca;
  friend bool operator==(const PeerUnder&, const PeerUnder&) = default;
};
/// The chain must carry the CA whose DER has this SHA-256 and end at it, and the leaf must name the host: for who knows
/// a service by a link and does not hold its CA yet.
struct PeerUnderDigest {
  Digest256 service_ca_sha256;
  friend bool operator==(const PeerUnderDigest&, const PeerUnderDigest&) = default;
};
/// The leaf must be this one, by SHA-256 over its DER; its names and dates are not looked at.
struct PeerPinned {
  Digest256 certificate_sha256;
  friend bool operator==(const PeerPinned&, const PeerPinned&) = default;
};
/// The chain must end at a CA that this machine trusts for servers of the internet, and the leaf must name the host.
struct PeerPublic {
  friend bool operator==(const PeerPublic&, const PeerPublic&) = default;
};
/// Whoever answers; the caller checks the content by a digest that it already holds.
struct PeerUnverified {
  friend bool operator==(const PeerUnverified&, const PeerUnverified&) = default;
};
using Peer = std::variant<PeerUnder, PeerUnderDigest, PeerPinned, PeerPublic, PeerUnverified>;

class Connector {
 public:
  static Result<std::unique_ptr<Connector>> make(const Peer& peer, const std::optional<Identity>& identity);
  ~Connector();

  /// A stream over `socket` (non-blocking), its handshake still to be driven. `host` is a DNS name or an IP address;
  /// certificates are judged at `now`.
  Result<Stream> connect(int socket, const std::string& host, WallTime now);

  /// When our own certificate ends.
  std::optional<WallTime> own_not_after() const;

  struct Held;

 private:
  explicit Connector(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::tls
