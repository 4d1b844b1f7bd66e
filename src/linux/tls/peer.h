// What the other side of a TLS connection must prove, and what libssl keeps for everybody who asks for the same. What
// is asked is said when a connector is made; there is no default.
#pragma once

#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

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

/// libssl's settings for one kind of peer. For any number of threads.
class PeerSettings {
 public:
  static Result<std::shared_ptr<const PeerSettings>> make(const Peer& peer);
  ~PeerSettings();

  struct Held;
  const Held& held() const { return *held_; }

 private:
  explicit PeerSettings(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

/// The settings of few peers for many clients in one process, made once each. For any number of threads.
class SharedPeers {
 public:
  Result<std::shared_ptr<const PeerSettings>> find(const Peer& peer);

 private:
  struct Entry {
    Peer peer;
    std::shared_ptr<const PeerSettings> settings;
  };
  std::mutex lock_;
  std::vector<Entry> entries_;
};

}  // namespace holdfast::linux::tls
